"""Makes the images that tests need."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image


def noise(width: int = 40, height: int = 30, mode: str = "RGB", seed: int = 0) -> Image.Image:
    """An image whose pixels all differ, so that a wrong step shows."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    shape = (height, width) if bands == 1 else (height, width, bands)
    values = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    return Image.frombytes(mode, (width, height), values.tobytes())


def photo(width: int, height: int) -> Image.Image:
    """An image as smooth as a photograph: colours that change slowly, edges, a little noise."""
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    waves = [np.sin(x / width * k) * np.cos(y / height * (8 - k)) for k in (2, 4, 6)]
    edge = (x * height > y * width) * 40
    planes = [128 + 80 * wave + edge for wave in waves]
    return Image.fromarray(np.clip(np.stack(planes, 2), 0, 255).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Encode an image as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def halves(left: Any, right: Any) -> bytes:
    """A PNG of one colour on the left and another on the right."""
    image = Image.new("RGB", (64, 32), left)
    image.paste(Image.new("RGB", (32, 32), right), (32, 0))
    return encoded(image)


def flat(colour: Any = (200, 30, 30), size: tuple[int, int] = (8, 6)) -> bytes:
    """A small PNG of one colour."""
    return encoded(Image.new("RGB", size, colour))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def chunk(kind: bytes, body: bytes, error: int = 0) -> bytes:
    """A chunk of a PNG; with an error, its checksum is wrong."""
    checksum = zlib.crc32(kind + body) ^ error
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def jpeg(colour: Any, size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    """A JPEG of one colour."""
    return encoded(Image.new("RGB", size, colour), "JPEG", **options)
