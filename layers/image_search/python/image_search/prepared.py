"""Prepares everything that is stored of an image, and the input of the model."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from image_search import decoding, preprocess
from image_search.colors import dominant_colors
from image_search.encoder import ImageEncoder
from image_search.records import Metadata
from image_search.s3_objects import ObjectInfo
from image_search.thumbhash import thumbhash


@dataclass(frozen=True)
class Prepared:
    """One decoded image as the index and the thumbnails bucket need it."""

    pixels: NDArray[np.uint8]
    thumbnail: bytes
    preview: bytes | None
    """Present if browsers cannot show the original."""
    metadata: Metadata


def prepare(info: ObjectInfo, data: bytes, encoder: ImageEncoder, *, heic: bool) -> Prepared:
    """Decode the file of an object.

    Raises:
        RejectedError: it is no image that can be indexed.
    """
    image = decoding.decode(data, heic=heic)
    preview = preprocess.preview(image.image) if image.needs_preview else None
    small = preprocess.thumbnail(preview or image.image)
    metadata = Metadata(
        key=info.key,
        etag=info.etag,
        size=info.size,
        width=image.width,
        height=image.height,
        content_type=image.content_type,
        uploaded_at=info.uploaded_at,
        thumbhash=base64.b64encode(thumbhash(small)).decode(),
        taken_at=image.taken_at,
        truncated=image.truncated or None,
        raw=image.raw or None,
        preview=image.needs_preview or None,
        colors=dominant_colors(small),
    )
    large = preprocess.webp(preview) if preview else None
    return Prepared(encoder.pixels(image), preprocess.webp(small), large, metadata)
