"""URLs of images: on this origin, or signed URLs of S3 where CloudFront may not read."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from image_search.s3 import Bucket
from image_search.thumbnails import preview_key, thumbnail_key


@dataclass(frozen=True)
class Urls:
    """Makes the URLs of one stack; the version in them lets browsers cache the image for good."""

    images: Bucket
    thumbnails: Bucket
    signed: bool

    def original(self, key: str, version: str) -> str:
        """The URL of an original."""
        if self.signed:
            return self.images.signed_url(key)
        return f"/images/{quote(key)}?v={version}"

    def thumbnail(self, key: str, version: str) -> str:
        """The URL of the thumbnail of an indexed image."""
        return self._made(thumbnail_key(key), version)

    def preview(self, key: str, version: str) -> str:
        """The URL of the large preview of an original that browsers cannot show."""
        return self._made(preview_key(key), version)

    def _made(self, name: str, version: str) -> str:
        return self.thumbnails.signed_url(name) if self.signed else f"/{name}?v={version}"
