"""The page, from the checkout to its bucket."""

from __future__ import annotations

import mimetypes
import posixpath
import re
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import boto3

# The page is small and asks each time whether it is still current.
_CACHE = "no-cache"
# What this machine says of file endings must not decide what browsers are told.
_TYPES = mimetypes.MimeTypes()
_TYPES.add_type("text/javascript", ".js")
# Of these a browser must know the encoding.
_TEXT = ("text/", "application/json", "image/svg+xml")
_IMPORT = re.compile(r'^(?:import|export) [^;]*?from "(\..+?)";', re.MULTILINE)
_START = re.compile(r' *<script type="module" src="/(.+?)"></script>\n')
_STYLESHEET = re.compile(r' *<link rel="stylesheet" href="/(.+?)">\n')
# Comments are most of a module's bytes. One that begins a line is no part of a text.
_COMMENT = re.compile(rb"^[ \t]*(?:/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*|//.*)\n", re.MULTILINE)
_STYLES = "page.css"


def upload_page(directory: Path, bucket: str) -> None:
    """Make the bucket hold exactly the page's files, with their content types."""
    files = prepared(directory)
    # What /api/docs shows the API with comes with Powertools.
    powertools = resources.files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    for file in powertools.iterdir():
        if ".min." in file.name:
            files[f"vendor/swagger-ui/{file.name}"] = file.read_bytes()
    _upload(files, bucket)
    _delete_others(set(files), bucket)


def prepared(directory: Path) -> dict[str, bytes]:
    """The page's files by name, as they are served: nothing waits for anything on the network.

    The page names every module that it starts with, so that all come in one round trip; its
    style sheets are one file; its modules come without comments.
    """
    page = (file for file in directory.rglob("*") if file.is_file())
    files = {file.relative_to(directory).as_posix(): file.read_bytes() for file in page}
    if "index.html" in files:
        html = files["index.html"].decode()
        files[_STYLES] = b"".join(files[name] for name in _STYLESHEET.findall(html))
        files["index.html"] = _in_one_round_trip(html, files).encode()
    for name, content in files.items():
        if name.endswith(".js") and not name.startswith("vendor/"):
            files[name] = _COMMENT.sub(b"", content)
    return files


def modules(start: str, files: dict[str, bytes]) -> list[str]:
    """What a module imports, and what that imports, without what is loaded when it is needed."""
    found = [start]
    for module in found:  # grows while it is walked
        for name in _IMPORT.findall(files[module].decode()):
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(module), name))
            if imported not in found:
                found.append(imported)
    return found


def content_type(name: str) -> str:
    """The content type of a file, by its name."""
    kind = _TYPES.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXT) else kind


def _in_one_round_trip(html: str, files: dict[str, bytes]) -> str:
    """The page with one style sheet, and with a link to each module."""
    start = _START.search(html)
    imported = modules(start[1], files)[1:] if start else []
    links = "".join(f'  <link rel="modulepreload" href="/{name}">\n' for name in imported)
    styled = _STYLESHEET.sub("", html)
    head = f'  <link rel="stylesheet" href="/{_STYLES}">\n'
    return _START.sub(lambda script: head + links + script[0], styled)


def _upload(files: dict[str, bytes], bucket: str) -> None:
    s3 = boto3.client("s3")

    def upload(key: str) -> None:
        kind = content_type(key)
        s3.put_object(
            Bucket=bucket, Key=key, Body=files[key], ContentType=kind, CacheControl=_CACHE
        )

    with ThreadPoolExecutor() as pool:
        list(pool.map(upload, files))


def _delete_others(keys: set[str], bucket: str) -> None:
    """Delete what an older page had."""
    s3 = boto3.client("s3")
    listed = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for key in [item["Key"] for page in listed for item in page.get("Contents", [])]:
        if key not in keys:
            s3.delete_object(Bucket=bucket, Key=key)
