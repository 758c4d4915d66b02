"""Images whose containers are odd, as public bug reports of photo software describe them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from image_search import icc
from tests.unit.images import chunk, encoded, photo

_SCENE = photo(96, 64)
_GREY, _PALETTE = _SCENE.convert("L"), _SCENE.quantize(64)
_RGB = np.asarray(_SCENE)
_JPEG, _PNG, _GIF = encoded(_SCENE, "JPEG", quality=90), encoded(_SCENE), encoded(_SCENE, "GIF")
_SCAN = _JPEG.index(b"\xff\xda")
_P3 = icc.profile(icc.PRIMARIES[12], icc.SRGB_CURVE)
_LINEAR = icc.profile(icc.SRGB_PRIMARIES, icc.Curve(1))
_TURNED = b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"
_MASKS = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)


def odd_kinds() -> dict[str, bytes]:
    """What browsers show, by name."""
    parts = (_jpegs(), _exifs(), _profiles(), _pngs(), _deep_pngs(), _gifs(), _bmps(), _others())
    return {name: data for part in parts for name, data in part}


def _segment(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body


def _jpeg(*segments: bytes) -> bytes:
    return _JPEG[:2] + b"".join(segments) + _JPEG[2:]


def _jpegs() -> Iterator[tuple[str, bytes]]:
    yield "jpeg: broken 8BIM", _jpeg(_segment(0xED, b"Photoshop 3.0\0" + b"8BIM\x07\xdb"))
    several = {"save_all": True, "append_images": [_SCENE.rotate(180)]}
    yield "mpo", encoded(_SCENE, "MPO", quality=90, **several)


def _exifs() -> Iterator[tuple[str, bytes]]:
    for header in (b"Exif\0x", b"EXIF\0\0"):
        yield f"exif: header {header!r}", _jpeg(_segment(0xE1, header + _TURNED))
    turned = _segment(0xE1, b"Exif\0\0" + _TURNED)
    yield "exif: behind the tables", _JPEG[:_SCAN] + turned + _JPEG[_SCAN:]
    yield "exif: behind the image", _JPEG + turned
    promising = _TURNED[:8] + b"\x63\0" + _TURNED[10:22]
    yield "exif: promises more tags", _jpeg(_segment(0xE1, b"Exif\0\0" + promising))
    second = b"II*\0\x08\0\0\0\1\0\x0f\1\3\0\1\0\0\0\1\0\0\0\x1a\0\0\0" + _TURNED[8:]
    yield "exif: orientation of the thumbnail", _jpeg(_segment(0xE1, b"Exif\0\0" + second))
    yield "exif: wrong order of bytes", _jpeg(_segment(0xE1, b"Exif\0\0MM\0*" + _TURNED[4:]))


def _profiles() -> Iterator[tuple[str, bytes]]:
    def part(number: int, total: int, body: bytes) -> bytes:
        return _segment(0xE2, b"ICC_PROFILE\0" + bytes([number, total]) + body)

    first, second = part(1, 2, _P3[:200]), part(2, 2, _P3[200:])
    yield "jpeg: profile in two parts", _jpeg(first, second)
    yield "jpeg: profile that lacks a part", _jpeg(second)
    yield "jpeg: two profiles", _jpeg(part(1, 1, _P3), part(1, 1, _LINEAR))


def _png(depth: int, color: int, rows: bytes, *chunks: bytes, size: Any = (96, 64, 0)) -> bytes:
    header = struct.pack(">IIBBBBB", *size[:2], depth, color, 0, 0, size[2])
    before = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks)
    return before + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _rows(values: Any) -> bytes:
    return b"".join(b"\0" + np.ascontiguousarray(row).tobytes() for row in values)


def _interlaced(values: Any) -> bytes:
    """Adam7. https://www.w3.org/TR/png-3/#8InterlaceMethods."""
    starts = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4))
    passes = (*starts, (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    return b"".join(_rows(values[y::down, x::right]) for x, y, right, down in passes)


def _pngs() -> Iterator[tuple[str, bytes]]:
    whole = _rows(_RGB)
    compressed = zlib.compress(whole)
    broken = chunk(b"IDAT", compressed[:-4] + b"abcd")
    yield "png: wrong checksum of the pixels, a row short", _PNG[:33] + broken + _PNG[-12:]
    ramp = encoded(_PALETTE)
    start = ramp.index(b"PLTE") - 4
    end = start + 12 + int.from_bytes(ramp[start : start + 4], "big")
    few = chunk(b"PLTE", ramp[start + 8 : start + 68])
    yield "png: palette lacks colours", ramp[:start] + few + ramp[end:]
    large = np.asarray(photo(320, 240))
    interlaced = _png(8, 2, _interlaced(large), size=(320, 240, 1))
    yield "png: interlaced, a twentieth short", interlaced[: int(len(interlaced) * 0.95)]


def _deep_pngs() -> Iterator[tuple[str, bytes]]:
    grey, alpha = np.asarray(_GREY), np.asarray(Image.linear_gradient("L").resize((96, 64)))
    deep = {2: _RGB, 4: np.dstack([grey, alpha]), 6: np.dstack([_RGB, alpha])}
    for color, values in deep.items():
        yield f"png: 16 bits, colour type {color}", _png(16, color, _rows(values.repeat(2, -1)))
    four = grey >> 4
    packed = four[:, ::2] << 4 | four[:, 1::2]
    clear = chunk(b"tRNS", b"\0\x09")
    yield "png: 4 bits, one clear", _png(4, 0, _rows(packed.astype(np.uint8)), clear)


def _gifs() -> Iterator[tuple[str, bytes]]:
    for name, size in {"none": (0, 0), "smaller": (40, 30), "larger": (200, 150)}.items():
        yield f"gif: {name} screen", _GIF[:6] + struct.pack("<HH", *size) + _GIF[10:]
    yield "gif: one colour clear", encoded(_PALETTE, "GIF", transparency=_PALETTE.getpixel((5, 5)))


def _bmp(bits: int, pixels: bytes, masks: bytes = b"") -> bytes:
    header = 40 if len(masks) < 16 else 124
    fields = (header, 96, 64, 1, bits, 3 if masks else 0, len(pixels), 2835, 2835, 0, 0)
    described = struct.pack("<IiiHHIIiiII", *fields) + masks
    described = described.ljust(max(header, len(described)), b"\0")
    offset = 14 + len(described)
    return struct.pack("<2sIII", b"BM", offset + len(pixels), 0, offset) + described + pixels


def _bmps() -> Iterator[tuple[str, bytes]]:
    alpha = np.asarray(Image.linear_gradient("L").resize((96, 64)))
    filled = {"nothing": np.zeros_like(alpha), "alpha": alpha}
    for name, fourth in filled.items():
        pixels = np.dstack([_RGB[:, :, ::-1], fourth])[::-1].tobytes()
        yield f"bmp: 32 bits with {name}", _bmp(32, pixels)
        yield f"bmp: 32 bits with {name}, masks", _bmp(32, pixels, masks=_MASKS)


def _others() -> Iterator[tuple[str, bytes]]:
    yield "webp: broken EXIF", encoded(_SCENE, "WEBP", exif=b"garbage")


def deep_tiff(
    values: Any, order: str = "<", *, planes: bool = False, deflate: bool = False
) -> bytes:
    """RGB of sixteen bits, which Pillow does not write."""
    height, width, _ = values.shape
    array = values.astype(f"{order}u2")
    strips = [array[:, :, band].tobytes() for band in range(3)] if planes else [array.tobytes()]
    strips = [zlib.compress(strip) for strip in strips] if deflate else strips
    lists = 8 + 2 + 9 * 12 + 4
    starts = [lists + 30 + sum(map(len, strips[:number])) for number in range(len(strips))]
    numbers = struct.pack(f"{order}3H", 16, 16, 16)
    numbers += struct.pack(f"{order}{2 * len(strips)}I", *starts, *map(len, strips))
    at = (lists + 6, lists + 6 + 4 * len(strips)) if planes else (starts[0], len(strips[0]))
    entries = (
        *((256, 3, 1, width), (257, 3, 1, height), (258, 3, 3, lists)),
        *((259, 3, 1, 8 if deflate else 1), (262, 3, 1, 2), (273, 4, len(strips), at[0])),
        *((277, 3, 1, 3), (279, 4, len(strips), at[1]), (284, 3, 1, 2 if planes else 1)),
    )
    head = struct.pack(f"{order}2sHIH", b"II" if order == "<" else b"MM", 42, 8, len(entries))
    for tag, kind, count, value in entries:
        packed = struct.pack(f"{order}{'H' if (kind, count) == (3, 1) else 'I'}", value)
        head += struct.pack(f"{order}HHI", tag, kind, count) + packed.ljust(4, b"\0")
    return (head + bytes(4) + numbers).ljust(lists + 30, b"\0") + b"".join(strips)
