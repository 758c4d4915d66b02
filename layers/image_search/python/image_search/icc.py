"""Makes colour profiles from numbers: primaries and a curve, as PNG chunks name them.

These are profiles of version 4 with a matrix: https://www.color.org/specification/ICC.1-2022-05.pdf
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from image_search import hdr

# Chromaticities (x, y) of white, red, green and blue.
Primaries = tuple[tuple[float, float], ...]
_D65 = (0.3127, 0.3290)
SRGB_PRIMARIES: Primaries = (_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
# By the numbers in ITU-T H.273, table 2, which the PNG chunk cICP contains.
PRIMARIES: dict[int, Primaries] = {
    1: SRGB_PRIMARIES,
    5: (_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: (_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    9: (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: (_D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}


@dataclass(frozen=True)
class Curve:
    """Linear light of a value v: (a v + b)^g for v ≥ d, c v below."""

    g: float
    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 0


SRGB_CURVE = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# Televisions and browsers use the display curve of ITU-R BT.1886, not that of the camera.
_TELEVISION = Curve(2.4)
# By the numbers in ITU-T H.273, table 3; high dynamic range has tables instead.
CURVES = {4: Curve(2.2), 5: Curve(2.8), 8: Curve(1), 13: SRGB_CURVE} | dict.fromkeys(
    (1, 6, 14, 15), _TELEVISION
)

# Only version 4 has parametric curves; with a table it would also have a black point of its own.
_VERSION_2, _VERSION_4 = 0x02400000, 0x04300000
# The Bradford matrix; https://www.color.org/specification/ICC.1-2022-05.pdf, annex E.
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_D50 = np.array([0.9642, 1.0, 0.8249])


def profile(primaries: Primaries, curve: Curve, *, grey: bool = False) -> bytes:
    """A profile of these colours, or of grey with this curve.

    Raises:
        ValueError: the primaries form no triangle around the white point.
    """
    response = _parametric(curve)
    if grey:
        return _file(b"GRAY", {b"wtpt": _xyz(_D50), b"kTRC": response})
    red, green, blue = _colorants(primaries).T
    colors = {b"rXYZ": _xyz(red), b"gXYZ": _xyz(green), b"bXYZ": _xyz(blue)}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), response)
    return _file(b"RGB ", {b"wtpt": _xyz(_D50)} | colors | curves)


def of_photograph(primaries: int | None, curve: int | None) -> bytes | None:
    """The profile for numbers of HEIC or AVIF; browsers take their television curves for sRGB."""
    return of_numbers(primaries, 13 if CURVES.get(curve or 0) == _TELEVISION else curve)


def of_numbers(primaries: int | None, curve: int | None, *, grey: bool = False) -> bytes | None:
    """The profile for numbers of H.273; None if a number is unknown."""
    if primaries in PRIMARIES and curve in (hdr.PQ, hdr.HLG):
        return _bright(PRIMARIES[primaries], curve)
    if primaries not in PRIMARIES or curve not in CURVES:
        return None
    return profile(PRIMARIES[primaries], CURVES[curve], grey=grey)


def _bright(primaries: Primaries, transfer: int) -> bytes:
    """A profile of high dynamic range."""
    colorants = _colorants(primaries)
    to_xyz = tuple(tuple(float(value) for value in row) for row in colorants)
    table = hdr.tables(transfer, to_xyz, to_xyz[1])
    return _file(b"RGB ", {b"wtpt": _xyz(_D50), b"A2B0": table}, _VERSION_2)


def _colorants(primaries: Primaries) -> NDArray[np.float64]:
    """The columns are full red, green and blue in XYZ, adapted to the profile's white point D50."""
    if not all(y > 0 for _, y in primaries):
        raise ValueError("a chromaticity of zero")
    white, *colors = (np.array([x / y, 1, (1 - x - y) / y]) for x, y in primaries)
    columns = np.array(colors).T
    try:
        matrix = columns * np.linalg.solve(columns, white)
    except np.linalg.LinAlgError as error:
        raise ValueError(str(error)) from None
    scale = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    adapted: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD @ matrix
    return adapted


def _parametric(curve: Curve) -> bytes:
    values = (curve.g, curve.a, curve.b, curve.c, curve.d)
    return b"para" + struct.pack(">4xH2x5i", 3, *(round(value * 65536) for value in values))


def _xyz(values: NDArray[np.float64]) -> bytes:
    return b"XYZ " + struct.pack(">4x3i", *(round(float(value) * 65536) for value in values))


def _file(space: bytes, tags: dict[bytes, bytes], version: int = _VERSION_4) -> bytes:
    offset, table, body = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    size = offset + len(body)
    head = struct.pack(">I4xI4s4s4s", size, version, b"mntr", space, b"XYZ ")
    white = struct.pack(">3i", *(round(float(value) * 65536) for value in _D50))
    return (head.ljust(36, b"\0") + b"acsp").ljust(68, b"\0") + white + bytes(48) + table + body
