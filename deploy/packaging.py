"""Packages the code that a template names; the same files make the same archive."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from awscli.customizations.cloudformation.yamlhelper import yaml_parse

from deploy import buckets
from deploy.errors import DeployError

_SOURCES = ("CodeUri", "ContentUri")
# The modification time of every file: the earliest that a zip archive can express.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


def package(template: Path, bucket: str, name: str) -> dict[str, Any]:
    """Upload the code that a template names, and return a template that names the uploads.

    Raises:
        DeployError: something that the template names is not there.
    """
    packaged: dict[str, Any] = yaml_parse(template.read_text())
    folder = buckets.code_of(name)
    for resource in _resources(packaged):
        for source in _SOURCES:
            if source in resource["Properties"]:
                data = zipped(_place(template, resource["Properties"][source]), _compiled(resource))
                resource["Properties"][source] = _uploaded(data, bucket, folder, ".zip")
    for include in _includes(packaged):
        data = _place(template, include["Location"]).read_bytes()
        include["Location"] = _uploaded(data, bucket, folder, ".yaml")
    return packaged


def uploads_in(template: dict[str, Any], bucket: str) -> set[str]:
    """The keys of the uploads that a packaged template names."""
    properties = [resource["Properties"] for resource in _resources(template)]
    named = [one[source] for one in properties for source in _SOURCES if source in one]
    named += [include["Location"] for include in _includes(template)]
    return {str(url).removeprefix(f"s3://{bucket}/") for url in named}


def zipped(directory: Path, compiled: bool) -> bytes:
    """An archive of a directory; `compiled` keeps bytecode that was compiled on this machine."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(directory.rglob("*")):
            if file.is_file() and (compiled or "__pycache__" not in file.parts):
                entry = zipfile.ZipInfo(file.relative_to(directory).as_posix(), _TIME)
                entry.external_attr, entry.compress_type = _MODE, zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
    return data.getvalue()


def _compiled(resource: dict[str, Any]) -> bool:
    """Whether the build of a resource compiles for Lambda's Python."""
    return "BuildMethod" in resource.get("Metadata", {})


def _place(template: Path, source: str) -> Path:
    place = template.parent / source
    if not place.exists():
        raise DeployError(f"{template.name} names {place}, which is not there")
    return place


def _uploaded(data: bytes, bucket: str, folder: str, ending: str) -> str:
    key = f"{folder}{hashlib.sha256(data).hexdigest()[:32]}{ending}"
    if not buckets.has(bucket, key):
        buckets.put(bucket, key, data)
    return f"s3://{bucket}/{key}"


def _resources(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The resources outside of Fn::ForEach loops, which create none with code."""
    return [one for one in template["Resources"].values() if "Properties" in one]


def _includes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        transform = node.get("Fn::Transform")
        if isinstance(transform, dict) and transform.get("Name") == "AWS::Include":
            yield transform["Parameters"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _includes(item)
