"""Compares the pixels of two images that a model takes for the same image.

To a model all bar charts are much alike, and so are all plain colours. Their thumbhashes differ:
these hold the first cosine terms of brightness and colour, which show where an image is light and
dark. They cannot distinguish pages of text, which are equally light everywhere.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_HEADER_BYTES = 5
_LUMINANCE_TERMS = 7
# Of samples saved at JPEG quality 40, halved, mirrored or cropped by 2 %, the 99th percentile is
# 0.35; of a dozen bar charts 5 % of the pairs are below 0.58.
_LARGEST_DISTANCE = 0.45
_LARGEST_MEAN_DISTANCE = 0.1  # of 0 … 1 for brightness and −1 … 1 for colours
# Below the first contrast the terms of a hash are only rounding. The second is for pages of text,
# nearly as light, or as dark, as their paper: they have 0 to 0.061.
_LEAST_CONTRAST, _LEAST_OF_PAGES = 0.03, 0.066
_PAPER = 0.8
# Cosine that is required where pixels tell nothing: different letters reach 0.995 in the offline
# model.
_SURE_COSINE = 0.998


def alike_in_pixels(one: str, other: str, cosine: float) -> bool:
    """Whether two images that are near to a model have similar pixels, perhaps mirrored.

    `one` and `other` are thumbhashes in base64; `cosine` is the model's.
    """
    a, b = _look(one), _look(other)
    if np.abs(a.means - b.means).max() > _LARGEST_MEAN_DISTANCE:
        return False
    if max(a.contrast, b.contrast) < max(a.least_contrast, b.least_contrast):
        return cosine > _SURE_COSINE
    apart = min(np.linalg.norm(a.terms - b.terms), np.linalg.norm(a.terms - b.mirrored))
    return bool(apart <= _LARGEST_DISTANCE * np.hypot(a.contrast, b.contrast) / 2**0.5)


@dataclass(frozen=True)
class _Look:
    """A decoded thumbhash: mean colour, and cosine terms scaled by their energy."""

    means: NDArray[np.float32]
    """(3,) of 0 … 1: brightness, yellow against blue, red against green."""
    terms: NDArray[np.float32]
    """(3, 7, 7): by channel, and frequencies down and across."""

    @property
    def contrast(self) -> float:
        """The Euclidean norm of all terms."""
        return float(np.linalg.norm(self.terms))

    @property
    def least_contrast(self) -> float:
        """The contrast below which the terms tell nothing."""
        is_page = not 1 - _PAPER < self.means[0] < _PAPER
        return _LEAST_OF_PAGES if is_page else _LEAST_CONTRAST

    @property
    def mirrored(self) -> NDArray[np.float32]:
        """The terms of the mirrored image: odd frequencies across change their sign."""
        signs = np.where(np.arange(_LUMINANCE_TERMS) % 2, -1, 1).astype(np.float32)
        return self.terms * signs


@lru_cache(4096)
def _look(thumbhash: str) -> _Look:
    """Decode the format of https://evanw.github.io/thumbhash/."""
    data = base64.b64decode(thumbhash)
    header = int.from_bytes(data[:_HEADER_BYTES], "little")
    shorter, landscape = header >> 24 & 7, header >> 39 & 1
    across, down = (_LUMINANCE_TERMS, shorter) if landscape else (shorter, _LUMINANCE_TERMS)
    sizes = (max(3, across), max(3, down)), (3, 3), (3, 3)
    scales = (header >> 18 & 31) / 31, (header >> 27 & 63) / 63, (header >> 33 & 63) / 63
    nibbles = iter([half for byte in data[_HEADER_BYTES:] for half in (byte & 15, byte >> 4)])
    terms = np.zeros((3, _LUMINANCE_TERMS, _LUMINANCE_TERMS), np.float32)
    for channel, ((width, height), scale) in enumerate(zip(sizes, scales, strict=True)):
        for y, x in _kept(width, height):
            energy = 2 ** ((x > 0) + (y > 0)) / 2  # of a product of cosines
            terms[channel, y, x] = (next(nibbles) / 7.5 - 1) * scale * energy**0.5
    means = [(header & 63) / 63, (header >> 6 & 63) / 31.5 - 1, (header >> 12 & 63) / 31.5 - 1]
    return _Look(np.array(means, np.float32), terms)


def _kept(across: int, down: int) -> Iterator[tuple[int, int]]:
    """The frequencies down and across of a channel, in the format's order."""
    for y in range(down):
        for x in range(across):
            if (x or y) and x * down < across * (down - y):
                yield y, x
