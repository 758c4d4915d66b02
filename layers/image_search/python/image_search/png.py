"""Splits a PNG into the chunks that its pixels need and the metadata that describes them.

https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from image_search import icc
from image_search.errors import TooManyPartsError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# A 64-megapixel PNG in the usual chunks of 8 kB has 25,000.
_MAX_CHUNKS = 100_000
# Of a compressed profile or XMP: the largest printers' profiles have 3 MB.
_MAX_UNCOMPRESSED = 16 * 2**20
# The chunks that Pillow reads.
_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_KEPT = (*_CRITICAL, b"tRNS", b"acTL", b"fcTL", b"fdAT")
# The gamma that many programs write for sRGB, and that browsers take for sRGB.
_USUAL_GAMMA = 45_455
_XMP = b"XML:com.adobe.xmp"


@dataclass(frozen=True)
class Png:
    """A parsed file."""

    stripped: bytes
    """A PNG of the chunks that the pixels need."""
    described: dict[bytes, bytes] = field(default_factory=dict)
    """The first chunk of each other kind before the pixels that has a valid checksum."""
    xmp: bytes = b""

    @property
    def exif(self) -> bytes:
        """EXIF from the TIFF header on."""
        return self.described.get(b"eXIf", b"")

    def profile(self) -> bytes | None:
        """The colour profile, from the chunk that takes precedence by the specification."""
        grey = self.stripped[25] in (0, 4)
        for read in (_cicp, _iccp):
            found = read(self.described, grey=grey)
            if found is not None:
                return found
        return None if b"sRGB" in self.described else _gama(self.described, grey=grey)


def read(data: bytes) -> Png:
    """Parse a file.

    Raises:
        TooManyPartsError: it has more chunks than real files have.
    """
    kept, xmp, drawn = [SIGNATURE], b"", False
    described: dict[bytes, bytes] = {}
    for kind, body, whole, valid in _chunks(data):
        drawn = drawn or kind == b"IDAT"
        if kind == b"PLTE" and valid:
            kept.append(_full_palette(body))
        elif kind in _CRITICAL or (kind in _KEPT and valid):
            kept.append(whole)
        elif kind == b"iTXt" and body.startswith(_XMP):
            xmp = xmp or _international(body)
        elif valid and not drawn:
            described.setdefault(kind, body)
    return Png(b"".join(kept), described, xmp)


def image_data(data: bytes) -> bytes:
    """The compressed pixels, as far as they are there."""
    return b"".join(body for kind, body, _, _ in _chunks(data) if kind == b"IDAT")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes, bool]]:
    """Kind, body, all bytes and validity of each chunk; the last chunk may be truncated."""
    position = len(SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if position + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        body, whole = data[position + 8 : end], data[position : end + 4]
        checked = kind in (b"IDAT", b"fdAT") or whole[-4:] == _checksum(whole[4:-4])
        yield kind, body, whole, checked
        if kind == b"IEND":
            return
        position = end + 4
    raise TooManyPartsError(_MAX_CHUNKS, "pieces")


def _full_palette(body: bytes) -> bytes:
    """The palette extended to 256 colours: like browsers, with its last colour."""
    colors = body + body[-3:] * (256 - len(body) // 3)
    return struct.pack(">I", len(colors)) + b"PLTE" + colors + _checksum(b"PLTE" + colors)


def _checksum(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def _inflated(data: bytes) -> bytes:
    """The decompressed data; empty if it is damaged or too large."""
    decompressor = zlib.decompressobj()
    try:
        found = decompressor.decompress(data, _MAX_UNCOMPRESSED)
    except zlib.error:
        return b""
    return found if decompressor.eof else b""


def _international(body: bytes) -> bytes:
    """The text of an iTXt chunk, which follows a keyword, flags, a language and a translation."""
    after = body[len(_XMP) + 1 :]
    parts = after[2:].split(b"\0", 2)
    if len(parts) < 3:
        return b""
    return _inflated(parts[2]) if after[:1] == b"\1" else parts[2]


def _cicp(chunks: dict[bytes, bytes], *, grey: bool) -> bytes | None:
    body = chunks.get(b"cICP", b"")
    if len(body) != 4 or body[2:] != b"\0\1":  # RGB, full range
        return None
    return icc.of_numbers(body[0], body[1], grey=grey)


def _iccp(chunks: dict[bytes, bytes], *, grey: bool) -> bytes | None:
    name, _, compressed = chunks.get(b"iCCP", b"").partition(b"\0")
    known = name and compressed[:1] == b"\0"  # the only method of compression
    return (known and _inflated(compressed[1:])) or None


def _gama(chunks: dict[bytes, bytes], *, grey: bool) -> bytes | None:
    """The profile of a gamma and, if given, primaries; primaries alone define no profile."""
    gamma = int.from_bytes(chunks.get(b"gAMA", b""), "big")
    numbers = chunks.get(b"cHRM", b"")
    if not gamma or (gamma == _USUAL_GAMMA and not numbers):
        return None
    primaries = icc.SRGB_PRIMARIES
    if len(numbers) == 32:
        x_and_y = [value / 100_000 for value in struct.unpack(">8I", numbers)]
        primaries = tuple(zip(x_and_y[::2], x_and_y[1::2], strict=True))
    try:
        return icc.profile(primaries, icc.Curve(100_000 / gamma), grey=grey)
    except (ValueError, struct.error):
        return None
