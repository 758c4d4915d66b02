"""One image of each kind that cameras, phones and programs write; see test_kinds.py."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from image_search import icc
from tests.unit.images import chunk, encoded, photo
from tests.unit.odd_kinds import odd_kinds

HEIC = Path(__file__).with_name("data") / "heic"
SCENE = photo(96, 64)
_GREY = SCENE.convert("L")
# As bright as a film may be; PQ can say ten times more.
_FILM = SCENE.point(lambda value: value * 3 // 4)
_ALPHA = SCENE.copy()
_ALPHA.putalpha(Image.linear_gradient("L").resize(SCENE.size))
_GREY_ALPHA = _GREY.convert("LA")
_GREY_ALPHA.putalpha(Image.linear_gradient("L").resize(SCENE.size))
_P3 = icc.profile(icc.PRIMARIES[12], icc.SRGB_CURVE)
_LINEAR = icc.profile(icc.SRGB_PRIMARIES, icc.Curve(1))
_GREY_LINEAR = icc.profile(icc.SRGB_PRIMARIES, icc.Curve(1), grey=True)
_GREY_18 = icc.profile(icc.SRGB_PRIMARIES, icc.Curve(1.8), grey=True)
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
_P3_CHROMATICITIES = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
_PNG, _GREY_PNG = encoded(SCENE), encoded(_GREY)
_JPEG = encoded(SCENE, "JPEG", quality=90)
_PROGRESSIVE = encoded(SCENE, "JPEG", quality=90, progressive=True)


def jpeg_with(*segments: bytes) -> bytes:
    """A JPEG with these APP1 segments."""
    between = b"".join(b"\xff\xe1" + struct.pack(">H", len(s) + 2) + s for s in segments)
    return _JPEG[:2] + between + _JPEG[2:]


def tiff_header(*entries: tuple[int, int, int, bytes], order: str = "<") -> bytes:
    """A TIFF's header and first directory: tag, type, count and value of up to four bytes."""
    body = b"".join(
        struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")
        for tag, kind, count, value in entries
    )
    start = b"II*\0" if order == "<" else b"MM\0*"
    return start + struct.pack(f"{order}IH", 8, len(entries)) + body + bytes(4)


def orientation(number: int, kind: int = 3, count: int = 1, order: str = "<") -> bytes:
    """EXIF that holds an orientation alone."""
    letter = {1: "B", 3: "H", 4: "I"}[kind]
    return tiff_header((0x0112, kind, count, struct.pack(f"{order}{letter}", number)), order=order)


def exif(tiff: bytes) -> bytes:
    """A JPEG's segment of EXIF."""
    return b"Exif\0\0" + tiff


def odd_exif(tag: int, kind: int, value: bytes, count: int = 1) -> bytes:
    """An orientation of 6, and a tag whose value stands behind the directory."""
    entries = [(0x0112, 3, 1, b"\6\0"), (tag, kind, count, struct.pack("<I", 38))]
    return exif(tiff_header(*entries) + value)


def png_with(*chunks: bytes, png: bytes = _PNG) -> bytes:
    """A PNG with these chunks before its pixels."""
    return png[:33] + b"".join(chunks) + png[33:]


def _gamma(value: int) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", value))


def _cicp(*numbers: int) -> bytes:
    return chunk(b"cICP", bytes(numbers))


def _profile(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))


def _numbered(primaries: int, transfer: int) -> bytes:
    """An AVIF whose colours are named in numbers."""
    data = encoded(SCENE, "AVIF", quality=95)
    start = data.index(b"colrnclx") + 8
    return data[:start] + struct.pack(">HH", primaries, transfer) + data[start + 4 :]


def _deep(values: Any) -> Image.Image:
    array = np.asarray(values)
    return Image.frombytes("I;16", (array.shape[1], array.shape[0]), array.astype("<u2").tobytes())


_XMP_TURNED = (
    b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description '
    b'tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)
_BIG_TEXT = chunk(b"zTXt", b"parameters\0\0" + zlib.compress(bytes(3 * 2**20)))
_CHRM = chunk(b"cHRM", struct.pack(">8I", *_P3_CHROMATICITIES))


@cache
def shown() -> dict[str, bytes]:
    """What browsers show: each has a rendering."""
    usual = _odd_metadata() | _damaged() | _profiles() | _png_colors() | _turned() | _deep_ones()
    return usual | odd_kinds()


def _odd_metadata() -> dict[str, bytes]:
    return {
        "jpeg": _JPEG,
        "exif: value behind the end": jpeg_with(odd_exif(0x010F, 2, b"", 90)),
        "exif: rational over zero": jpeg_with(odd_exif(0x829A, 5, bytes(8))),
        "exif: type that is none": jpeg_with(odd_exif(0x010F, 99, b"abc")),
        "png: 3 MB of text": png_with(_BIG_TEXT),
        "png: wrong checksum of a profile": png_with(
            chunk(b"iCCP", b"x\0\0" + zlib.compress(_P3), error=1)
        ),
        "png: profile of 2 MB": png_with(_profile(_P3[:-1].ljust(2 * 2**20, b"\1"))),
    }


def _damaged() -> dict[str, bytes]:
    large = encoded(photo(320, 240), "JPEG", quality=90)
    return {
        "jpeg: no end": large[:-2],
        "jpeg: no end, a phone's trailer": large[:-2] + b"\0\0\1\0SEFT trailer" * 9,
        "jpeg: a twentieth short": large[: int(len(large) * 0.95)],
        "jpeg: progressive, a twentieth short": _PROGRESSIVE[: int(len(_PROGRESSIVE) * 0.95)],
        "png: no end": _PNG[:-12],
        "png: a twentieth short": _PNG[: int(len(_PNG) * 0.95)],
        "bmp: a twentieth short": encoded(SCENE, "BMP")[: 54 + 96 * 3 * 61],
        "gif: a twentieth short": (gif := encoded(SCENE, "GIF"))[: int(len(gif) * 0.95)],
    }


def _profiles() -> dict[str, bytes]:
    return {
        "jpeg: P3": encoded(SCENE, "JPEG", quality=95, icc_profile=_P3),
        "jpeg: sRGB": encoded(SCENE, "JPEG", quality=95, icc_profile=_SRGB),
        "jpeg: linear": encoded(SCENE, "JPEG", quality=95, icc_profile=_LINEAR),
        "jpeg: grey, linear": encoded(_GREY, "JPEG", quality=95, icc_profile=_GREY_LINEAR),
        "jpeg: grey, profile of colours": encoded(_GREY, "JPEG", quality=95, icc_profile=_LINEAR),
        "jpeg: colours, profile of grey": encoded(SCENE, "JPEG", icc_profile=_GREY_LINEAR),
        "png: P3": encoded(SCENE, icc_profile=_P3),
        "png: P3, alpha": encoded(_ALPHA, icc_profile=_P3),
        "png: P3, palette": encoded(SCENE.quantize(64), icc_profile=_P3),
        "png: P3, transparent palette": encoded(
            SCENE.quantize(64), icc_profile=_P3, transparency=bytes(range(0, 256, 4))
        ),
        "png: grey, gamma 1.8": encoded(_GREY, icc_profile=_GREY_18),
        "png: grey and alpha, gamma 1.8": encoded(_GREY_ALPHA, icc_profile=_GREY_18),
        "webp: P3": encoded(SCENE, "WEBP", lossless=True, icc_profile=_P3),
        "webp: P3, alpha": encoded(_ALPHA, "WEBP", lossless=True, icc_profile=_P3),
        "avif: P3": encoded(SCENE, "AVIF", quality=95, icc_profile=_P3),
        "avif: P3 in numbers": _numbered(12, 13),
        "avif: television in numbers": _numbered(1, 1),
        "avif: HLG in numbers": _numbered(9, 18),
    }


def _png_colors() -> dict[str, bytes]:
    return {
        "png: cICP P3": png_with(_cicp(12, 13, 0, 1)),
        "png: cICP television": png_with(_cicp(1, 1, 0, 1)),
        "png: cICP linear": png_with(_cicp(1, 8, 0, 1)),
        "png: cICP of part of the range": png_with(_cicp(12, 13, 0, 0)),
        "png: cICP unknown": png_with(_cicp(2, 2, 0, 1)),
        "png: cICP before a profile": png_with(_cicp(1, 13, 0, 1), _profile(_P3)),
        "png: cICP 2020": png_with(_cicp(9, 14, 0, 1)),
        "png: cICP PQ": png_with(_cicp(9, 16, 0, 1), png=encoded(_FILM)),
        "png: cICP PQ, grey": png_with(_cicp(9, 16, 0, 1), png=_GREY_PNG),
        "png: cICP HLG": png_with(_cicp(9, 18, 0, 1)),
        "png: gamma 1": png_with(_gamma(100_000)),
        "png: gamma of sRGB": png_with(_gamma(45_455)),
        "png: gamma and primaries": png_with(_gamma(45_455), _CHRM),
        "png: primaries alone": png_with(_CHRM),
        "png: sRGB before gamma": png_with(chunk(b"sRGB", b"\0"), _gamma(100_000)),
        "png: profile before sRGB": png_with(chunk(b"sRGB", b"\0"), _profile(_P3)),
        "png: profile behind the pixels": _PNG[:-12] + _profile(_P3) + _PNG[-12:],
        "png: grey, gamma 1": png_with(_gamma(100_000), png=_GREY_PNG),
        "png: impossible primaries": png_with(chunk(b"cHRM", bytes(32)), _gamma(100_000)),
    }


def _turned() -> dict[str, bytes]:
    every = {f"turned {n}": jpeg_with(exif(orientation(n))) for n in range(1, 9)}
    return every | {
        "turned, big-endian": jpeg_with(exif(orientation(6, order=">"))),
        "turned by XMP alone": jpeg_with(_XMP_TURNED),
        "turned by a LONG": jpeg_with(exif(orientation(6, kind=4))),
        "turned by a byte": jpeg_with(exif(orientation(6, kind=1))),
        "turned by two values": jpeg_with(exif(orientation(6, count=2))),
        "turned by a doubled header": jpeg_with(exif(exif(orientation(6)))),
        "turned by 0": jpeg_with(exif(orientation(0))),
        "turned by 9": jpeg_with(exif(orientation(9))),
        "turned by the first of two": jpeg_with(exif(orientation(6)), exif(orientation(1))),
        "png turned": png_with(chunk(b"eXIf", orientation(6))),
        "png with a JPEG's header": png_with(chunk(b"eXIf", exif(orientation(6)))),
        "webp turned": encoded(SCENE, "WEBP", exif=exif(orientation(6))),
        "avif turned": encoded(SCENE, "AVIF", quality=90, exif=exif(orientation(6))),
    }


def _deep_ones() -> dict[str, bytes]:
    grey = np.asarray(_GREY).astype(int)
    return {
        "png: 12 bits in 16": encoded(_deep(grey * 16)),
        "png: 16 bits": encoded(_deep(grey * 257)),
        "jpeg: CMYK": encoded(SCENE.convert("CMYK"), "JPEG", quality=90),
        "png: animation that begins behind its still": encoded(
            SCENE, save_all=True, append_images=[SCENE.rotate(180)], default_image=True
        ),
        "png: one bit": encoded(_GREY.convert("1")),
        "png: one colour is clear": encoded(_GREY, transparency=_GREY.getpixel((5, 5))),
    }
