"""The dominant colours of an image, as names that can be filtered by.

Every pixel of a small copy is converted to CIELAB, where distances resemble differences as people
see them, and takes the name of the nearest sample of a fixed palette.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Color = Literal[
    "red",
    "orange",
    "yellow",
    "green",
    "turquoise",
    "blue",
    "purple",
    "pink",
    "brown",
    "black",
    "gray",
    "white",
]
COLORS: tuple[Color, ...] = get_args(Color)
# A colour is dominant if at least this part of the pixels has it.
MIN_SHARE = 0.1
# Pixels on the longest side of the copy, which takes a few milliseconds.
_SIDE = 48
# Each name covers a region of the colour space, so it has several samples: dark, full and light
# ones. They were chosen by eye on the sample photographs.
_SAMPLES: dict[Color, tuple[str, ...]] = {
    "red": ("ff0000", "c01020", "8b0000", "d84a45"),
    "orange": ("ff8000", "e8702a", "f5a030", "c85a10", "f0a868"),
    "yellow": ("ffff00", "e6c619", "f5e680", "b8a010"),
    "green": ("00a000", "006400", "6b8e23", "90c060", "00ff00", "2e4a1e", "5a7a4a", "a8d8a0"),
    "turquoise": ("00c0c0", "008080", "40e0d0", "5aa8a8", "a0e8e0"),
    "blue": (
        "0000ff",
        "000080",
        "1e5fbf",
        "102a6b",
        "7fb0e0",
        "4080d0",
        "26487a",
        "6c8cb4",
        "b0d0f0",
    ),
    "purple": ("800080", "8040c0", "4b0082", "4b1a6b", "b080d0", "c000ff"),
    "pink": ("ff80c0", "ffc0cb", "e75480", "ff00a0", "d890a8"),
    "brown": ("8b4513", "5a3a1e", "a87848", "6e4a30", "3a2412"),
    "black": ("000000", "181818"),
    "gray": ("484848", "707070", "989898", "b8b8b8"),
    "white": ("ffffff", "ececec"),
}
# From linear sRGB to CIE XYZ, and the white point D65: IEC 61966-2-1, https://www.w3.org/TR/css-color-4/#color-conversion-code
_TO_XYZ = np.array(
    [
        [0.4123908, 0.3575843, 0.1804808],
        [0.2126390, 0.7151687, 0.0721923],
        [0.0193308, 0.1191948, 0.9505322],
    ],
    np.float32,
)
_WHITE = _TO_XYZ.sum(axis=1)
# CIE 15:2004, section 8.2.1: the curve is a line below the cube of 6/29.
_EPSILON, _SLOPE, _OFFSET = (6 / 29) ** 3, (29 / 6) ** 2 / 3, 4 / 29


def dominant_colors(image: Image.Image) -> tuple[Color, ...]:
    """The colours of at least MIN_SHARE of an opaque RGB image, the most frequent first."""
    small = image.copy()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=2)
    pixels = to_lab(np.asarray(small, np.float32).reshape(-1, 3))
    samples, names = _palette()
    # |p - s|² without |p|², which is the same for every sample.
    distances = (samples**2).sum(axis=1) - 2 * pixels @ samples.T
    shares = np.bincount(names[distances.argmin(axis=1)], minlength=len(COLORS)) / len(pixels)
    order = np.argsort(-shares, kind="stable")
    return tuple(COLORS[index] for index in order if shares[index] >= MIN_SHARE)


def to_lab(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert sRGB (n, 3), 0 to 255, to CIELAB (n, 3): L* 0 to 100, a* and b* about ±110."""
    encoded = rgb / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    ratio = linear @ _TO_XYZ.T / _WHITE
    x, y, z = np.where(ratio > _EPSILON, np.cbrt(ratio), _SLOPE * ratio + _OFFSET).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1).astype(np.float32)


@cache
def _palette() -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """The samples in CIELAB (n, 3), and the position of each one's name in COLORS (n,)."""
    pairs = [(name, sample) for name, samples in _SAMPLES.items() for sample in samples]
    rgb = np.array([list(bytes.fromhex(sample)) for _, sample in pairs], np.float32)
    return to_lab(rgb), np.array([COLORS.index(name) for name, _ in pairs])
