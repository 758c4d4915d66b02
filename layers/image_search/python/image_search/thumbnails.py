"""Where the thumbnails bucket keeps the thumbnail and the preview of an image."""

from __future__ import annotations

from image_search.records import Metadata, record_id
from image_search.s3 import Bucket
from image_search.s3_objects import Source

# The folder of the thumbnails bucket for those of deleted images; a lifecycle rule empties it.
TRASH = "trash/"


def has_thumbnail(thumbnails: Bucket, metadata: Metadata) -> bool:
    """Whether the thumbnail of a record exists and was made from the same object."""
    return thumbnails.source(thumbnail_key(metadata.key)) == Source(metadata.key, metadata.etag)


def thumbnail_key(key: str) -> str:
    """The key of an image's thumbnail in the thumbnails bucket, which is also its URL path."""
    return f"thumbs/{record_id(key)}.webp"


def preview_key(key: str) -> str:
    """The key of the large preview of an original that browsers cannot show."""
    return f"previews/{record_id(key)}.webp"


def trashed_thumbnail_key(key: str) -> str:
    """The key of a deleted image's thumbnail; no URL path leads to it."""
    return f"{TRASH}{record_id(key)}.webp"
