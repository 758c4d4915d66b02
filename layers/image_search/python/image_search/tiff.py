"""Corrects how Pillow reads TIFF."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, cast

from PIL import Image, ImageChops, ImageFile

from image_search.depth import SENSOR_BITS

_BITS_PER_SAMPLE = 258
# Rows per strip.
_STRIP = 256
_SWAPPED = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}


def mend(image: ImageFile.ImageFile) -> None:
    """Prepare an opened file for decoding.

    Pillow would apply any orientation that it finds after decoding, and report the rotated size
    before. It also ignores that the values of separate colour planes have two bytes.
    """
    image.load_end = lambda: None  # type: ignore[method-assign]
    image._size = image._tile_size  # type: ignore[attr-defined]
    if _is_deep(image):
        suffix = ";16L" if image.tag_v2.prefix == b"II" else ";16B"  # type: ignore[attr-defined]
        image.tile = [
            _with_raw_mode(tile, raw_mode + suffix) if len(raw_mode) == 1 else tile
            for tile in image.tile
            for raw_mode in [_raw_mode(tile)]
        ]


def scaled(
    image: ImageFile.ImageFile, again: Callable[[], ImageFile.ImageFile]
) -> ImageFile.ImageFile:
    """Rescale 16-bit RGB that uses only the low bits, of which Pillow keeps the upper eight.

    `image` is loaded and is changed in place; `again` opens the file anew.
    """
    if not _is_deep(image) or image.mode != "RGB":
        return image
    most = max(high for _, high in cast(tuple[tuple[int, int], ...], image.getextrema()))
    bits = next(bits for bits in SENSOR_BITS if most < 2 ** (bits - 8))
    if bits < 16:
        lower = again()
        lower.tile = [_with_raw_mode(tile, _swapped(_raw_mode(tile))) for tile in lower.tile]
        lower.load()
        _shift(image, lower, bits)
    return image


def _shift(image: Image.Image, lower: Image.Image, bits: int) -> None:
    """Shift the values up, in strips, because the largest image takes 256 MB."""
    up = [value << (16 - bits) & 255 for value in range(256)] * 3
    down = [value >> (bits - 8) for value in range(256)] * 3
    for top in range(0, image.height, _STRIP):
        box = (0, top, image.width, min(top + _STRIP, image.height))
        image.paste(ImageChops.add(image.crop(box).point(up), lower.crop(box).point(down)), box)


def _is_deep(image: Image.Image) -> bool:
    bits = image.tag_v2.get(_BITS_PER_SAMPLE, ())  # type: ignore[attr-defined]
    return len(bits) >= 3 and set(bits) == {16}


def _raw_mode(tile: ImageFile._Tile) -> str:
    return str(cast(tuple[Any, ...], tile.args)[0])


def _with_raw_mode(tile: ImageFile._Tile, raw_mode: str) -> ImageFile._Tile:
    return tile._replace(args=(raw_mode, *cast(tuple[Any, ...], tile.args)[1:]))


def _swapped(raw_mode: str) -> str:
    """The raw mode of the other byte order, with which Pillow keeps the lower byte of two."""
    return raw_mode[:-1] + _SWAPPED[raw_mode[-1]]
