"""Where a browser gets pictures from: this origin, or S3 itself where reading takes a sign-in."""

from __future__ import annotations

from urllib.parse import quote

from image_search import services
from image_search.indexing import preview_key, thumbnail_key
from image_search.settings import settings


def original(key: str, version: str) -> str:
    """The address of an original; the version makes it safe to keep."""
    if settings().reads == "signed-in":
        return services.images().signed_address(key)
    return f"/images/{quote(key)}?v={version}"


def thumbnail(key: str, version: str) -> str:
    """The address of the thumbnail of an indexed image."""
    return _made(thumbnail_key(key), version)


def preview(key: str, version: str) -> str:
    """The address of a large image of an original that browsers cannot show."""
    return _made(preview_key(key), version)


def _made(name: str, version: str) -> str:
    if settings().reads == "signed-in":
        return services.thumbnails().signed_address(name)
    return f"/{name}?v={version}"
