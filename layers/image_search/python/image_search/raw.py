"""Camera raw files: the largest JPEG inside is indexed, which the camera showed as preview."""

from __future__ import annotations

import struct

from image_search.exif import Directory, Tag, directory

# Fujifilm, Olympus, Panasonic and Sigma; the files of other makers begin like a TIFF.
_SIGNATURES = (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb")
_CANON_BOX = b"ftypcrx "
_CANON_TIFF = b"CR\2"
# Photometric interpretations of sensor data: colour filter array and linear raw.
_SENSOR = (32803, 34892)
_JPEG = b"\xff\xd8\xff"
# A raw file holds two to five JPEGs; sensor data may look like the beginning of more.
_MAX_CANDIDATES = 1000
_MAX_SEGMENTS = 200
# Frames that every decoder reads: baseline, extended, progressive. Lossless ones are sensor data.
_FRAMES = (0xC0, 0xC1, 0xC2)
_OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
_SCAN = 0xDA


def is_raw(data: bytes) -> bool:
    """Whether a file is a raw file of a camera."""
    if data.startswith(_SIGNATURES) or data[4:12] == _CANON_BOX or data[8:11] == _CANON_TIFF:
        return True
    first = directory(data)
    if Tag.DNG_VERSION in first or _number(first, Tag.PHOTOMETRIC) in _SENSOR:
        return True
    entry = first.get(Tag.SUB_DIRECTORIES)
    others = [directory(data, offset) for offset in entry.numbers] if entry else []
    return any(
        _number(other, Tag.PHOTOMETRIC) in _SENSOR
        or (Tag.MAKE in first and _pixels(other) > _pixels(first))
        for other in others
    )


def largest_jpeg(data: bytes) -> bytes | None:
    """The JPEG with the most pixels, to the end of the file; None if there is none."""
    best, start, most = 0, -1, -1
    for _ in range(_MAX_CANDIDATES):
        start = data.find(_JPEG, start + 1)
        if start < 0:
            break
        pixels = _frame_pixels(data, start)
        if pixels > best:
            best, most = pixels, start
    return data[most:] if best else None


def _frame_pixels(data: bytes, start: int) -> int:
    """Width × height by the header of a JPEG; 0 if it cannot be shown."""
    position = start + 2
    for _ in range(_MAX_SEGMENTS):
        if position + 9 > len(data) or data[position] != 0xFF:
            return 0
        marker, length = data[position + 1], struct.unpack_from(">H", data, position + 2)[0]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return int(width * height)
        if marker in _OTHER_FRAMES or marker == _SCAN or length < 2:
            return 0
        position += 2 + length
    return 0


def _number(entries: Directory, tag: Tag) -> int:
    entry = entries.get(tag)
    return entry.numbers[0] if entry and entry.numbers else -1


def _pixels(entries: Directory) -> int:
    return max(0, _number(entries, Tag.WIDTH)) * max(0, _number(entries, Tag.HEIGHT))
