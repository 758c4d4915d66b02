"""The request for the URL of an upload, and its response, as typed, documented models."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from image_search.decoding import MAX_IMAGE_BYTES
from image_search.formats import ContentType
from search_api.fields import has_controls, key_sized
from search_api.model import Model

# S3's etags are 32 digits of MD5 and, after a multipart upload, the number of parts.
MAX_ETAG = 100
# 32 bytes: the last digit has four bits, and S3 refuses others.
_SHA256 = r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"


def _storable(key: str) -> str:
    if {".", ".."} & set(key.split("/")):  # a browser that deletes a/../b deletes b
        raise ValueError("browsers resolve the folders . and ..; choose another key")
    if key.endswith("/"):  # S3 clients show it as an empty folder
        raise ValueError("a key that ends with / is a folder's; choose another key")
    if key.startswith("/") or "//" in key:  # browsers and proxies merge slashes
        raise ValueError("the key has a folder without a name; choose another key")
    if has_controls(key):
        raise ValueError("the key has control characters; choose another key")
    return key


class UploadRequest(Model):
    """A request to upload an image."""

    key: Annotated[str, AfterValidator(key_sized), AfterValidator(_storable)] = Field(
        min_length=1,
        description="At most 1,024 bytes of UTF-8",
        examples=["holidays/beach.jpg"],
    )
    content_type: ContentType
    size: int = Field(gt=0, le=MAX_IMAGE_BYTES, description="Bytes")
    replace: str | None = Field(
        None, max_length=MAX_ETAG, description="The etag of the image that may be replaced"
    )
    sha256: str | None = Field(
        None,
        pattern=_SHA256,
        description="The file's SHA-256 in base64; S3 then refuses any other content",
        examples=["n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="],
    )


class SignedUpload(Model):
    """A URL to PUT the file to, with these headers; it accepts one file as described."""

    url: str
    headers: dict[str, str]
