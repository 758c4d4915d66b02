"""Reduces images of 16 and 32 bits and of floating point to 8 bits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Rows per strip: the largest image has 256 MB as floating point.
_STRIP = 256
# Bit depths of sensors; microscopes and scanners store them in the low bits of sixteen.
SENSOR_BITS = (8, 10, 12, 14, 16)
_FULL = 65_535


@dataclass(frozen=True)
class Scale:
    """The values that are black and white."""

    black: float
    white: float


SIXTEEN_BITS = Scale(0, _FULL)


def is_deep(image: Image.Image) -> bool:
    """Whether a value has more than eight bits."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def eight_bits(image: Image.Image, scale: Scale) -> Image.Image:
    """Convert to mode L, or to LA if one value is transparent."""
    clear = image.info.get("transparency")
    shallow = Image.new("L" if clear is None else "LA", image.size)
    factor = 255 / ((scale.white - scale.black) or 1)
    for top, values in _strips(image):
        there = np.nan_to_num(values, nan=scale.black, posinf=scale.white, neginf=scale.black)
        grey = np.clip((there - scale.black) * factor + 0.5, 0, 255)
        strip = Image.fromarray(grey.astype(np.uint8))
        if clear is not None:
            strip.putalpha(Image.fromarray(np.where(values == clear, 0, 255).astype(np.uint8)))
        shallow.paste(strip, (0, top))
    return shallow


def scale_of(image: Image.Image, *, white_is_zero: bool = False) -> Scale:
    """The scale of a TIFF, guessed from its values: it names the bits stored, not the bits used."""
    lows, highs = zip(*(_extremes(values) for _, values in _strips(image)), strict=True)
    scale = _between(min(lows), max(highs), image.mode == "F")
    return Scale(scale.white, scale.black) if white_is_zero else scale


def _between(low: float, high: float, is_float: bool) -> Scale:
    if is_float:
        usual = next((white for white in (1, 255) if 0 <= low <= high <= white), None)
        return Scale(low, high) if usual is None else Scale(0, usual)
    if low < 0 or high > _FULL:
        return Scale(low, high)
    return Scale(0, next(2**bits - 1 for bits in SENSOR_BITS if high < 2**bits))


def _extremes(values: NDArray[np.float32]) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    return (float(there.min()), float(there.max())) if there.size else (0, 0)


def _strips(image: Image.Image) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for top in range(0, image.height, _STRIP):
        strip = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
        yield top, np.asarray(strip).astype(np.float32)
