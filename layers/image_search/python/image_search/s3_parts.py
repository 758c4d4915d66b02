"""Reads a large object in parts, several at a time."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from image_search import deadline

if TYPE_CHECKING:
    from botocore.response import StreamingBody

# One connection transfers some 80 MB/s.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-guidelines.html
_PART_BYTES = 16 * 2**20
_CONNECTIONS = 8
# A part passes through a buffer of this size, which is reused: new memory for a whole part would
# take as much time as the copy.
_CHUNK_BYTES = 2**18


def read_parts(size: int, part: Callable[[str], StreamingBody]) -> bytes:
    """Read an object of `size` bytes; `part` opens a range of it, as the Range header names it."""
    data = io.BytesIO(bytes(size))

    def read(start: int) -> None:
        body = part(f"bytes={start}-{start + _PART_BYTES - 1}")
        for chunk in body.iter_chunks(_CHUNK_BYTES):
            view[start : start + len(chunk)] = chunk
            start += len(chunk)

    with data.getbuffer() as view, deadline.Pool(_CONNECTIONS) as pool:
        list(pool.map(read, range(0, size, _PART_BYTES)))
    return data.getvalue()
