"""Where a browser gets pictures from: this origin, or S3 itself where CloudFront may not read."""

from __future__ import annotations

from urllib.parse import quote

from image_search import services
from image_search.indexing import thumbnail_key
from image_search.settings import settings


def original(key: str, version: str) -> str:
    """The address of an original; the version makes it safe to keep."""
    if settings().signed_urls:
        return services.images().signed_address(key)
    return f"/images/{quote(key)}?v={version}"


def thumbnail(key: str, version: str) -> str:
    """The address of the thumbnail of an indexed image."""
    if settings().signed_urls:
        return services.thumbnails().signed_address(thumbnail_key(key))
    return f"/{thumbnail_key(key)}?v={version}"
