"""Prepares images for models and for the page.

The numbers (size, interpolation) come from the bundle.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from image_search.decoding import PREVIEW_SIDE

if TYPE_CHECKING:
    from image_search.bundle import Resize

# Longest side, in pixels: a gallery row on a screen with two dots per pixel.
THUMBNAIL_SIDE = 400
# An image longer than this many times its width is cut to its middle before it is resized.
_MAX_ASPECT = 16


def pixels(
    image: Image.Image, size: int, interpolation: str, resize: Resize = "shortest_side"
) -> NDArray[np.uint8]:
    """The image as a model sees it: (size, size, 3) uint8.

    `squash` resizes both sides to `size`; `shortest_side` keeps the aspect and crops the centre,
    with the steps and the rounding of transformers' CLIPImageProcessor. `interpolation` is the
    name of a Pillow resampling filter.
    """
    filter_ = Image.Resampling[interpolation.upper()]
    if resize == "squash":
        return np.asarray(image.resize((size, size), filter_))
    image = _without_ends(image)
    resized = image.resize(_scaled(*image.size, size), filter_)
    left, top = (resized.width - size) // 2, (resized.height - size) // 2
    return np.asarray(resized.crop((left, top, left + size, top + size)))


def _without_ends(image: Image.Image) -> Image.Image:
    """The middle of a very long image: resizing all of 60,000 × 1 would need gigabytes."""
    longest = _MAX_ASPECT * min(image.size)
    if max(image.size) <= longest:
        return image
    width, height = min(image.width, longest), min(image.height, longest)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def _scaled(width: int, height: int, shortest: int) -> tuple[int, int]:
    """The size with the shortest side scaled; the other side is cut off, as torchvision does."""
    if width <= height:
        return shortest, shortest * height // width
    return shortest * width // height, shortest


def thumbnail(image: Image.Image) -> Image.Image:
    """A copy of at most THUMBNAIL_SIDE on its longest side."""
    return _fitted(image, THUMBNAIL_SIDE)


def preview(image: Image.Image) -> Image.Image:
    """A copy of at most PREVIEW_SIDE on its longest side."""
    return _fitted(image, PREVIEW_SIDE)


def _fitted(image: Image.Image, side: int) -> Image.Image:
    longest = max(image.size)
    if longest <= side:
        return image.copy()
    width, height = (max(1, round(length * side / longest)) for length in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2)


def webp(image: Image.Image) -> bytes:
    """Encode as WebP."""
    file = io.BytesIO()
    image.save(file, "WEBP", quality=80, method=2)
    return file.getvalue()
