"""The page, from the checkout to its bucket."""

from __future__ import annotations

import mimetypes
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


def upload_page(directory: Path, bucket: str) -> None:
    """Make the bucket hold exactly the page's files, with their content types."""
    page = (file for file in directory.rglob("*") if file.is_file())
    files = {file.relative_to(directory).as_posix(): file for file in page}
    # What /api/docs shows the API with comes with Powertools.
    powertools = resources.files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    with resources.as_file(powertools) as swagger:
        files |= {f"vendor/swagger-ui/{file.name}": file for file in swagger.glob("*.min.*")}
        _upload(files, bucket)
    _delete_others(set(files), bucket)


def content_type(name: str) -> str:
    """The content type of a file, by its name."""
    kind = _TYPES.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXT) else kind


def _upload(files: dict[str, Path], bucket: str) -> None:
    s3 = boto3.client("s3")

    def upload(key: str, file: Path) -> None:
        extra = {"ContentType": content_type(file.name), "CacheControl": _CACHE}
        s3.upload_file(str(file), bucket, key, ExtraArgs=extra)

    with ThreadPoolExecutor() as pool:
        list(pool.map(upload, files.keys(), files.values()))


def _delete_others(keys: set[str], bucket: str) -> None:
    """Delete what an older page had."""
    s3 = boto3.client("s3")
    listed = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    for key in [item["Key"] for page in listed for item in page.get("Contents", [])]:
        if key not in keys:
            s3.delete_object(Bucket=bucket, Key=key)
