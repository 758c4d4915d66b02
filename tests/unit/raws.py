"""Camera raw files, as far as they are read: directories, and JPEGs somewhere behind them."""

from __future__ import annotations

import struct

from PIL import Image

from tests.unit.images import encoded, photo

# Type and letter of the values that are written.
_SHORT, _LONG, _ASCII, _BYTE = 3, 4, 2, 1


def jpeg(width: int, height: int, **options: object) -> bytes:
    """The preview that a camera shows on its screen."""
    return encoded(photo(width, height), "JPEG", quality=90, **options)


def lossless_frame(width: int, height: int) -> bytes:
    """The sensor's data begin like a JPEG that no viewer reads."""
    frame = struct.pack(">BHHBBBB", 14, height, width, 1, 1, 0x11, 0)
    return (
        b"\xff\xd8\xff\xc3" + struct.pack(">H", len(frame) + 2) + frame + bytes(200) + b"\xff\xd9"
    )


def _entry(tag: int, kind: int, values: tuple[int, ...] | bytes, at: int) -> tuple[bytes, bytes]:
    """Twelve bytes of a directory, and what stands behind it at a position."""
    letter = {_SHORT: "H", _LONG: "I", _BYTE: "B"}.get(kind)
    data = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{letter}", *values)
    head = struct.pack("<HHI", tag, kind, len(values))
    return (
        (head + data.ljust(4, b"\0"), b"")
        if len(data) <= 4
        else (head + struct.pack("<I", at), data)
    )


def directory(start: int, tags: list[tuple[int, int, tuple[int, ...] | bytes]]) -> bytes:
    """A directory that stands at `start`, and its values."""
    entries, behind = b"", b""
    base = start + 2 + 12 * len(tags) + 4
    for tag, kind, values in tags:
        entry, value = _entry(tag, kind, values, base + len(behind))
        entries, behind = entries + entry, behind + value
    return struct.pack("<H", len(tags)) + entries + bytes(4) + behind


def raw(
    *jpegs: bytes, make: bytes = b"NIKON CORPORATION\0", dng: bool = False, **known: int
) -> bytes:
    """A TIFF whose first directory is a thumbnail of 160 × 120 pixels; the sensor's is in another.

    `known` may hold an orientation.
    """
    first = [
        (0x00FE, _LONG, (1,)),
        (0x0100, _LONG, (160,)),
        (0x0101, _LONG, (120,)),
        (0x0102, _SHORT, (8, 8, 8)),
        (0x0103, _SHORT, (1,)),
        (0x0106, _SHORT, (2,)),
        (0x010F, _ASCII, make),
        (0x0111, _LONG, (1000,)),
        (0x0112, _SHORT, (known.get("orientation", 1),)),
        (0x0115, _SHORT, (3,)),
        (0x0116, _LONG, (120,)),
        (0x0117, _LONG, (160 * 120 * 3,)),
        (0x0132, _ASCII, b"2021:03:04 05:06:07\0"),
        (0x014A, _LONG, (600,)),
    ]
    if dng:
        first.append((0xC612, _BYTE, (1, 4, 0, 0)))
    sensor = [
        (0x00FE, _LONG, (0,)),
        (0x0100, _LONG, (6000,)),
        (0x0101, _LONG, (4000,)),
        (0x0106, _SHORT, (32803,)),
    ]
    head = b"II*\0\x08\0\0\0" + directory(8, first)
    data = head.ljust(600, b"\0") + directory(600, sensor)
    thumbnail = Image.new("RGB", (160, 120), (1, 2, 3)).tobytes()
    return data.ljust(1000, b"\0") + thumbnail + lossless_frame(6000, 4000) + b"".join(jpegs)


def canon(*jpegs: bytes) -> bytes:
    """A CR2: a TIFF with a mark behind its header."""
    tags = [(0x0112, _SHORT, (1,)), (0x010F, _ASCII, b"Canon\0")]
    head = b"II*\0\x10\0\0\0CR\2\0" + bytes(4)
    return head + directory(16, tags) + b"".join(jpegs) + lossless_frame(6000, 4000)


def fujifilm(*jpegs: bytes) -> bytes:
    """A RAF, which is no TIFF."""
    return b"FUJIFILMCCD-RAW 0201FF389501".ljust(148, b"\0") + b"".join(jpegs) + bytes(5000)


def canon_in_boxes(*jpegs: bytes) -> bytes:
    """A CR3, which is built like a film."""
    boxes = b"".join(struct.pack(">I4s", len(part) + 8, b"mdat") + part for part in jpegs)
    return struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"crx ", 1, b"crx ", b"isom") + boxes
