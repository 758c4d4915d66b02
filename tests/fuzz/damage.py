"""Damages files: as transfers do, and on purpose."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from random import Random

from tests.fuzz.corpus import corpus
from tests.fuzz.hostile import HTML, SMALL, SVG

# Numbers at which parsers go wrong.
_NUMBERS = (0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 2**24, 2**31 - 1, 2**31, 2**32 - 1)
# Sizes, offsets and counts are near the beginning.
_HEADER_BYTES = 200
# A process of its own decodes each: in the time of fifty others.
_HEIC_EVERY = 50
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def damaged(random: Random) -> tuple[str, bytes]:
    """A file of the corpus after one to three kinds of damage, which its name lists."""
    slow = random.randrange(_HEIC_EVERY) == 0
    name = random.choice([name for name in sorted(corpus()) if name.startswith("heic") == slow])
    data, applied = corpus()[name], [name]
    for _ in range(random.choice((1, 1, 2, 3))):
        accident = random.choice(_ACCIDENTS)
        data = accident(data, random) or data
        applied.append(accident.__name__.strip("_"))
    if random.random() < 0.7:  # else nobody would get past a PNG's checksums
        data = _with_checksums(data)
    return ", ".join(applied), data


def _truncated(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data))]


def _bits_flipped(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 2, 5, 20))):
        changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _bytes_replaced(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    return (
        data[:start] + (got := random.randbytes(random.randint(1, 16))) + data[start + len(got) :]
    )


def _header_lies(data: bytes, random: Random) -> bytes:
    start = random.randrange(min(len(data), _HEADER_BYTES))
    form = random.choice(("<H", ">H", "<I", ">I"))
    number = random.choice(_NUMBERS) % 256 ** struct.calcsize(form)
    return data[:start] + (lie := struct.pack(form, number)) + data[start + len(lie) :]


def _part_lost(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    return data[:start] + data[start + random.randint(1, 200) :]


def _part_repeated(data: bytes, random: Random) -> bytes:
    start = random.randrange(len(data))
    part = data[start : start + random.randint(1, 200)]
    return data[:start] + part * random.choice((2, 3, 50)) + data[start:]


def _joined(data: bytes, random: Random) -> bytes:
    """A polyglot, or two halves."""
    other = random.choice([HTML, SVG, *corpus().values()])
    if random.random() < 0.3:
        return other + data
    return data[: random.randint(1, len(data))] + other


_Accident = Callable[[bytes, Random], bytes]
_ACCIDENTS: tuple[_Accident, ...] = (
    _truncated,
    _bits_flipped,
    _bytes_replaced,
    _header_lies,
    _part_lost,
    _part_repeated,
    _joined,
)


def _with_checksums(data: bytes) -> bytes:
    """A PNG whose checksums are right, however wrong the rest is."""
    if not data.startswith(_SIGNATURE):
        return data
    fixed, start = [data[:8]], 8
    while start + 12 <= len(data):
        end = start + 8 + int.from_bytes(data[start : start + 4], "big")
        fixed += [data[start:end], struct.pack(">I", zlib.crc32(data[start + 4 : end]))]
        start = end + 4
    return b"".join(fixed) + data[start:]


def made(random: Random) -> tuple[str, bytes]:
    """A small file that was made to harm, as it is or damaged."""
    name = random.choice(sorted(SMALL))
    data = SMALL[name]()
    if data and random.random() < 0.5:
        data = random.choice(_ACCIDENTS)(data, random)
    return name, data
