"""Reads the few EXIF tags that are used, as browsers do. EXIF is a TIFF without an image.

A damaged entry is skipped; no function here raises. https://exiftool.org/TagNames/EXIF.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

_HEADERS = {b"II*\0": "<", b"MM\0*": ">"}
# Bytes per value, by the number of the TIFF type.
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SHORT = 3
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I"}
_ENTRY_BYTES = 12
# Entries with more values are skipped: dates have 20 bytes, lists of directories a few numbers.
_MAX_VALUES = 1000
# The TIFF header is searched within these first bytes.
_HEADER_WITHIN = 32
_ORIENTATIONS = range(1, 9)


class Tag(IntEnum):
    """The tags that are read."""

    WIDTH = 0x0100
    HEIGHT = 0x0101
    PHOTOMETRIC = 0x0106
    MAKE = 0x010F
    STRIP_OFFSETS = 0x0111
    ORIENTATION = 0x0112
    STRIP_BYTE_COUNTS = 0x0117
    DATE_TIME = 0x0132
    SUB_DIRECTORIES = 0x014A
    EXIF = 0x8769
    DATE_TIME_ORIGINAL = 0x9003
    DATE_TIME_DIGITIZED = 0x9004
    OFFSET_TIME = 0x9010
    OFFSET_TIME_ORIGINAL = 0x9011
    OFFSET_TIME_DIGITIZED = 0x9012
    DNG_VERSION = 0xC612


@dataclass(frozen=True)
class Entry:
    """The value of one tag."""

    kind: int
    count: int
    data: bytes
    order: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """The values as unsigned integers; () if the type is another one."""
        letter = _NUMBERS.get(self.kind)
        return struct.unpack(f"{self.order}{self.count}{letter}", self.data) if letter else ()

    @property
    def text(self) -> str:
        """The characters up to the first NUL."""
        return self.data.split(b"\0")[0].decode("latin-1")


Directory = dict[int, Entry]


def directory(data: bytes, offset: int | None = None) -> Directory:
    """The entries of the directory at an offset, or of the first one; a repeated tag is ignored."""
    order = _HEADERS.get(data[:4])
    if order is None or len(data) < 8:
        return {}
    start = struct.unpack_from(f"{order}I", data, 4)[0] if offset is None else offset
    found: Directory = {}
    for tag, entry in _entries(data, order, start):
        found.setdefault(tag, entry)
    return found


def _entries(data: bytes, order: str, start: int) -> Iterator[tuple[int, Entry]]:
    if start + 2 > len(data):
        return
    (promised,) = struct.unpack_from(f"{order}H", data, start)
    there = (len(data) - start - 2) // _ENTRY_BYTES
    for place in range(min(promised, there)):
        position = start + 2 + place * _ENTRY_BYTES
        tag, kind, count = struct.unpack_from(f"{order}HHI", data, position)
        size = _SIZES.get(kind, 0) * count
        if not 0 < count <= _MAX_VALUES or not size:
            continue
        (pointer,) = struct.unpack_from(f"{order}I", data, position + 8)
        at = position + 8 if size <= 4 else pointer
        if at + size <= len(data):
            yield tag, Entry(kind, count, data[at : at + size], order)


def orientation(entries: Directory) -> int:
    """The orientation, 1 to 8; 1 unless it is stored as browsers require: one SHORT."""
    entry = entries.get(Tag.ORIENTATION)
    if entry is None or (entry.kind, entry.count) != (_SHORT, 1):
        return 1
    return entry.numbers[0] if entry.numbers[0] in _ORIENTATIONS else 1


def texts(data: bytes) -> dict[int, str]:
    """The values of the first directory and of its EXIF directory, as text.

    Some programs write the header twice. Browsers reject such EXIF; dates are read nevertheless.
    """
    start = next((at for at in range(_HEADER_WITHIN) if data[at : at + 4] in _HEADERS), 0)
    data = data[start:]
    first = directory(data)
    pointer = first.get(Tag.EXIF)
    entries = directory(data, pointer.numbers[0]) if pointer and pointer.numbers else {}
    return {tag: entry.text for tag, entry in (first | entries).items()}
