"""Files that were made to harm: small ones at hand, and ones that ask for all memory or time."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable

from PIL import ExifTags, Image

from tests.fuzz.corpus import corpus
from tests.unit.images import encoded, noise, photo, png_claiming

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
)
XML = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
HTML = b"<!doctype html><script>alert(1)</script>"
# As many pixels as are allowed.
_LARGEST = (8000, 8000)


def many_scans(size: tuple[int, int], scans: int) -> bytes:
    """A progressive JPEG whose last pass comes again and again."""
    data = encoded(Image.new("L", size), "JPEG", progressive=True)
    last = data[[found.start() for found in re.finditer(rb"\xff\xc4", data)][-1] : -2]
    return data[:-2] + last * scans + b"\xff\xd9"


def many_pieces(kind: str, size: int) -> bytes:
    """An image with this number of bytes in the smallest pieces before its pixels."""
    if kind == "JPEG":
        return _inserted("jpeg", 2, b"\xff\xfe\0\2", size)
    if kind == "padded JPEG":
        return _inserted("jpeg", 2, b"\xff", size)
    if kind == "PNG":
        return _inserted("png rgb", 33, struct.pack(">I4sI", 0, b"abCd", zlib.crc32(b"abCd")), size)
    return _inserted("gif", corpus()["gif"].index(b"\x2c"), b"\x21\xfe\1a\0", size)


def many_tags(entries: int, size: int) -> bytes:
    """A TIFF whose tags all hold the same bytes."""
    tags = b"".join(struct.pack("<HHII", 1000 + tag, 1, size, 8) for tag in range(entries))
    return (b"II*\0" + struct.pack("<IH", 8, entries) + tags).ljust(size + 8, b"\0")


def _inserted(name: str, position: int, piece: bytes, size: int) -> bytes:
    data = corpus()[name]
    return data[:position] + piece * (size // len(piece)) + data[position:]


def _turned(kind: str, mode: str) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    compressed = {"compression": "tiff_adobe_deflate"} if kind == "TIFF" else {}
    return encoded(Image.new(mode, _LARGEST), kind, exif=exif, **compressed)


def _largest(kind: str, mode: str, **options: object) -> Callable[[], bytes]:
    return lambda: encoded(Image.new(mode, _LARGEST), kind, **options)


SMALL: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "zero bytes": lambda: bytes(5000),
    "svg": lambda: SVG,
    "xml": lambda: XML,
    "html": lambda: HTML,
    "jpeg and html": lambda: corpus()["jpeg"] + HTML,
    "gif and script": lambda: b"GIF89a/*" + corpus()["gif"][8:] + b"*/=1;alert(1)",
    "png and zip": lambda: corpus()["png rgb"] + b"PK\x05\x06" + bytes(18),
    "pdf and jpeg": lambda: b"%PDF-1.4\n" + corpus()["jpeg"],
    "png 0 × 0": lambda: png_claiming(0, 0),
    "png 0 × 9": lambda: png_claiming(0, 9),
    "png of 4 gigapixels": lambda: png_claiming(65_500, 65_500),
    "png that promises too much": lambda: png_claiming(8000, 8000),
    "1 × 60,000": lambda: encoded(Image.new("RGB", (1, 60_000))),
    "60,000 × 1": lambda: encoded(Image.new("RGB", (60_000, 1))),
    "jpeg 1 × 60,000": lambda: encoded(Image.new("RGB", (1, 60_000)), "JPEG"),
    "gif 0 × 0": lambda: b"GIF89a" + bytes(7) + b";",
    "bmp with a negative size": lambda: corpus()["bmp rgb"][:18] + b"\xff" * 8 + bytes(50),
    "tiff that is its own next page": lambda: b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
    "scans of a small jpeg": lambda: many_scans((64, 64), 2000),
    "tags with the same megabyte": lambda: many_tags(2000, 2**20),
    "pieces of a jpeg": lambda: many_pieces("JPEG", 10**6),
    "padding of a jpeg": lambda: many_pieces("padded JPEG", 10**6),
    "pieces of a png": lambda: many_pieces("PNG", 2 * 10**6),
    "pieces of a gif": lambda: many_pieces("GIF", 10**6),
}
# Each takes seconds to make, or to decode.
LARGE: dict[str, Callable[[], bytes]] = {
    "12 megapixels": lambda: encoded(photo(4000, 3000), "JPEG"),
    "12 megapixels progressive": lambda: encoded(photo(4000, 3000), "JPEG", progressive=True),
    "png 1 bit": _largest("PNG", "1"),
    "png 16 bit": _largest("PNG", "I;16"),
    "png palette clear": _largest("PNG", "P", transparency=bytes(200)),
    "png grey clear": _largest("PNG", "LA"),
    "png clear": _largest("PNG", "RGBA"),
    "png clear turned": lambda: _turned("PNG", "RGBA"),
    "tiff clear turned": lambda: _turned("TIFF", "RGBA"),
    "tiff 32 bit": _largest("TIFF", "I", compression="tiff_adobe_deflate"),
    "tiff float": _largest("TIFF", "F", compression="tiff_adobe_deflate"),
    "tiff cmyk": _largest("TIFF", "CMYK", compression="tiff_lzw"),
    "tiff zstd": _largest("TIFF", "RGB", compression="zstd"),
    "gif clear": _largest("GIF", "P", transparency=0),
    "webp": _largest("WEBP", "RGB", method=0),
    "webp clear": _largest("WEBP", "RGBA", method=0),
    "webp clear turned": lambda: _turned("WEBP", "RGBA"),
    "avif": _largest("AVIF", "RGB", speed=10),
    "avif clear": _largest("AVIF", "RGBA", speed=10),
    "jpeg cmyk": _largest("JPEG", "CMYK"),
    "jpeg progressive noise": lambda: encoded(noise(*_LARGEST), "JPEG", progressive=True),
    "jpeg 60,000 × 1,000": lambda: encoded(Image.new("RGB", (60_000, 1000)), "JPEG"),
    "scans of a large jpeg": lambda: many_scans(_LARGEST, 90),
    "too many scans of a large jpeg": lambda: many_scans(_LARGEST, 5000),
    "jpeg of pieces": lambda: many_pieces("JPEG", 45 * 2**20),
    "jpeg of padding": lambda: many_pieces("padded JPEG", 45 * 2**20),
    "png of pieces": lambda: many_pieces("PNG", 45 * 2**20),
    "gif of pieces": lambda: many_pieces("GIF", 45 * 2**20),
    "tags with the same 40 megabytes": lambda: many_tags(60_000, 40 * 2**20),
}
