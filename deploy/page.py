"""Uploads the page from the checkout to its bucket."""

from __future__ import annotations

import gzip
import mimetypes
import re
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import boto3

from deploy.scripts import joined

# The page is small, so browsers revalidate it each time.
_CACHE = "no-cache"
# The content types that browsers receive must not depend on the settings of this machine.
_TYPES = mimetypes.MimeTypes()
_TYPES.add_type("text/javascript", ".js")
# Text types, for which browsers need the charset.
_TEXT = ("text/", "application/json", "image/svg+xml")
_START = re.compile(r' *<script type="module" src="/(.+?)"></script>\n')
_STYLESHEET = re.compile(r' *<link rel="stylesheet" href="/(.+?)">\n')
# Comments are most of a module's bytes. A comment that begins a line is never part of a string.
_COMMENT = re.compile(rb"^[ \t]*(?:/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*|//.*)\n", re.MULTILINE)
_STYLES = "page.css"
# Files are compressed before the upload, because not every cache compresses.
_ENCODING = "gzip"


def upload_page(directory: Path, bucket: str) -> None:
    """Make the bucket contain exactly the page's files, with their content types."""
    files = prepared(directory)
    # The Swagger UI of /api/docs comes with Powertools.
    powertools = resources.files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    for file in powertools.iterdir():
        if ".min." in file.name:
            files[f"vendor/swagger-ui/{file.name}"] = file.read_bytes()
    _upload(files, bucket)
    _delete_others(set(files), bucket)


def prepared(directory: Path) -> dict[str, bytes]:
    """The page's files by name, as they are served.

    The modules that the page starts with are joined into one script, and its style sheets into one
    file: a browser would discover each import only after it has loaded the module before. Comments
    are removed.
    """
    page = (file for file in directory.rglob("*") if file.is_file())
    files = {file.relative_to(directory).as_posix(): file.read_bytes() for file in page}
    for name, content in files.items():
        if name.endswith(".js") and not name.startswith("vendor/"):
            files[name] = _COMMENT.sub(b"", content)
    if "index.html" not in files:
        return files
    html = files["index.html"].decode()
    files[_STYLES] = b"".join(files.pop(name) for name in _STYLESHEET.findall(html))
    files["index.html"] = _with_one_style_sheet(html).encode()
    start = _START.search(html)
    return joined(start[1], files) if start else files


def content_type(name: str) -> str:
    """The content type of a file, by its name."""
    kind = _TYPES.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXT) else kind


def _with_one_style_sheet(html: str) -> str:
    head = f'  <link rel="stylesheet" href="/{_STYLES}">\n'
    return _START.sub(lambda script: head + script[0], _STYLESHEET.sub("", html))


def _upload(files: dict[str, bytes], bucket: str) -> None:
    s3 = boto3.client("s3")

    def upload(key: str) -> None:
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=gzip.compress(files[key], mtime=0),
            ContentEncoding=_ENCODING,
            ContentType=content_type(key),
            CacheControl=_CACHE,
        )

    with ThreadPoolExecutor() as pool:
        list(pool.map(upload, files))


def _delete_others(keys: set[str], bucket: str) -> None:
    """Delete the files of older versions of the page."""
    s3 = boto3.client("s3")
    listed = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for key in [item["Key"] for page in listed for item in page.get("Contents", [])]:
        if key not in keys:
            s3.delete_object(Bucket=bucket, Key=key)
