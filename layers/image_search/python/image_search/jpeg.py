"""The segments of a JPEG.

https://www.w3.org/Graphics/JPEG/itu-t81.pdf (annex B)
"""

from __future__ import annotations

import re

from image_search.errors import TooManyPartsError

# Passes: encoders write about ten; one takes 20 ms of the largest image, and 100 bytes.
MAX_SCANS = 100
# Pieces, tables and comments among them.
_MAX_SEGMENTS = 2000
_START, _START_OF_SCAN, _END_OF_IMAGE = b"\xff\xd8", b"\xda", b"\xd9"
# What ends the data of a scan: no escaped byte, no fill byte, no restart.
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
# Metadata: APP1 to APP13, APP15 and comments. APP0 and APP14 say what the colours mean.
_METADATA = (*range(0xE1, 0xEE), 0xEF, 0xFE)


def require_few_scans(data: bytes) -> None:
    """Count the scans of a file that may be a JPEG.

    Raises:
        TooManyPartsError: drawing it would take too long.
    """
    if not data.startswith(_START) or data.count(b"\xff" + _START_OF_SCAN) <= MAX_SCANS:
        return  # looking closer takes a second for the largest files
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


def without_metadata(data: bytes) -> bytes:
    """The file without what may be broken and is not needed for its pixels."""
    kept, position = [_START], 2
    while (marker := _MARKER.match(data, position)) and marker[1] != _START_OF_SCAN:
        end = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        if end <= position + 3:
            break
        if marker[1][0] not in _METADATA:
            kept.append(data[position:end])
        position = end
    return b"".join((*kept, data[position:]))
