"""Maps high dynamic range to a standard screen as Chromium does, in a profile with a table.

https://www.color.org/specification/ICC.1-2022-05.pdf, 10.10 (lut16Type).
"""

from __future__ import annotations

import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
# Numbers of transfer characteristics in ITU-T H.273, table 3.
PQ, HLG = 16, 18
# Luminance of diffuse white and of the mastering peak, in candela per m². ITU-R BT.2408.
_WHITE, _PEAK = 203, 1000
# Grid points per channel; colours between them are interpolated.
_GRID = 33
# Chromium's tone curve, sampled in Chromium 156: scene luminance in multiples of diffuse white, and
# screen luminance. It is linear up to diffuse white, at half of the screen's white, then flattens.
_SCENE = (0, 1, 1.158, 1.295, 1.447, 1.616, 1.804, 2.014, 2.246, 2.794, 3.471, 4.309, 4.926)
_SCREEN = (0, 0.498, 0.565, 0.604, 0.644, 0.68, 0.716, 0.745, 0.783, 0.847, 0.905, 0.965, 1)


@cache
def tables(transfer: int, to_xyz: tuple[tuple[float, ...], ...], to_y: tuple[float, ...]) -> bytes:
    """The tag that maps coded values to the XYZ of the profile connection space.

    The columns of `to_xyz` are full red, green and blue in XYZ; `to_y` is the luminance of each.
    """
    steps = np.linspace(0, 1, _GRID)
    coded = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    scene = _pq(coded) if transfer == PQ else _hlg(coded, np.array(to_y))
    xyz = np.clip(_on_screen(scene) @ np.array(to_xyz).T, 0, 2 - 2**-15) * 32768
    identity = struct.pack(">9i", *(65536 if n % 4 == 0 else 0 for n in range(9)))
    line: bytes = struct.pack(">2H", 0, 65535) * 3
    head = b"mft2" + struct.pack(">4x4B", 3, 3, _GRID, 0) + identity + struct.pack(">2H", 2, 2)
    table: bytes = xyz.round().astype(">u2").tobytes()
    return head + line + table + line


def _pq(coded: Values) -> Values:
    """Scene luminance in multiples of diffuse white. SMPTE ST 2084."""
    root = coded ** (1 / 78.84375)
    light = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    scene: Values = light ** (1 / 0.1593017578125) * 10_000 / _WHITE
    return scene


def _hlg(coded: Values, to_y: Values) -> Values:
    """Scene luminance in multiples of diffuse white. ITU-R BT.2100, for a screen of _PEAK."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    light = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
    scene: Values = light * (light @ to_y)[:, None] ** 0.2 * _PEAK / _WHITE
    return scene


def _on_screen(scene: Values) -> Values:
    """Apply the tone curve to the mean of a colour's brightest channel and its average channel."""
    bright = scene.max(1) / 2 + scene.mean(1) / 2
    screen = np.interp(bright, _SCENE, _SCREEN)
    factor: Values = np.divide(screen, bright, out=np.full_like(bright, 0.5), where=bright > 0)
    return scene * factor[:, None]
