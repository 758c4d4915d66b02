"""The segments of a JPEG.

https://www.w3.org/Graphics/JPEG/itu-t81.pdf (annex B)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from image_search.errors import TooManyPartsError

# Encoders write about ten scans. A scan has at least 100 bytes and takes up to 20 ms to draw.
MAX_SCANS = 100
# Segments of all kinds, including tables and comments.
_MAX_SEGMENTS = 2000
_START, _START_OF_SCAN, _END_OF_IMAGE = b"\xff\xd8", b"\xda", b"\xd9"
# The data of a scan ends at a marker that is no escaped byte, no fill byte and no restart.
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
# Metadata: APP1 to APP13, APP15 and comments. APP0 and APP14 define the colours.
_METADATA = (*range(0xE1, 0xEE), 0xEF, 0xFE)
_APP0, _APP1, _APP2 = 0xE0, 0xE1, 0xE2
# Decoders do not take a shorter APP0 for that of JFIF.
_JFIF_BYTES = 14
# One byte of any value follows.
_EXIF = b"Exif\0"
_PROFILE = b"ICC_PROFILE\0"


def require_few_scans(data: bytes) -> None:
    """Check the number of scans of a file that may be a JPEG.

    Raises:
        TooManyPartsError: there are so many that drawing them would take too long.
    """
    if scans_at_most(data) <= MAX_SCANS:
        return  # parsing the largest files would take a second
    scans, position = 0, 2
    for _ in range(_MAX_SEGMENTS):
        marker = _MARKER.search(data, position)
        if marker is None or marker[1] == _END_OF_IMAGE:
            return
        scans += marker[1] == _START_OF_SCAN
        if scans > MAX_SCANS:
            raise TooManyPartsError(MAX_SCANS, "scans")
        position = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
    raise TooManyPartsError(_MAX_SEGMENTS, "segments")


def scans_at_most(data: bytes) -> int:
    """The number of scans, or more where metadata has such markers too; 0 if it is no JPEG."""
    return data.count(b"\xff" + _START_OF_SCAN) if data.startswith(_START) else 0


def without_metadata(data: bytes) -> bytes:
    """The file without its metadata, which may be damaged and is not needed for the pixels."""
    kept, rest = [_START], 2
    for kind, start, end in _segments(data):
        if kind not in _METADATA and (kind != _APP0 or end - start >= _JFIF_BYTES):
            kept.append(data[start - 4 : end])
        rest = end
    return b"".join((*kept, data[rest:]))


def exif(data: bytes) -> bytes:
    """EXIF from the TIFF header on: as in browsers, the first one before the pixels."""
    bodies = (data[start:end] for kind, start, end in _segments(data) if kind == _APP1)
    return next((body[len(_EXIF) + 1 :] for body in bodies if body.startswith(_EXIF)), b"")


def profile(data: bytes) -> bytes | None:
    """The colour profile, joined from its numbered parts; the first part of a number counts."""
    parts: dict[int, bytes] = {}
    total = 0
    for kind, start, end in _segments(data):
        body = data[start:end]
        if kind == _APP2 and body.startswith(_PROFILE) and len(body) > len(_PROFILE) + 2:
            number, total = body[len(_PROFILE) : len(_PROFILE) + 2]
            parts.setdefault(number, body[len(_PROFILE) + 2 :])
    if not parts or sorted(parts) != list(range(1, total + 1)):
        return None
    return b"".join(parts[number] for number in sorted(parts))


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, start and end of the body of each segment before the pixels."""
    position = 2
    for _ in range(_MAX_SEGMENTS):
        marker = _MARKER.search(data, position)
        if marker is None or marker[1] in (_START_OF_SCAN, _END_OF_IMAGE):
            return
        start = marker.end() + 2
        end = marker.end() + int.from_bytes(data[marker.end() : start], "big")
        if not start <= end <= len(data):
            return
        yield marker[1][0], start, end
        position = end
