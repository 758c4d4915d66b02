"""Photographs as cameras and the web have them, made from the samples: size, grain, bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image, ImageChops, ImageOps

from local.stack import SAMPLES


class Kind(NamedTuple):
    """Photographs of one size."""

    name: str
    size: tuple[int, int]
    batch: int
    """Images of one round; a multiple of the library's batches."""
    grain: float
    """Standard deviation of the noise that makes up for the detail that enlarging cannot add."""


KINDS = (
    Kind("224 px", (224, 224), 24, 0),
    Kind("2 MP", (1632, 1224), 16, 4),
    Kind("12 MP", (4032, 3024), 8, 5),
)


def jpegs(kind: Kind, number: int) -> Iterator[bytes]:
    """The photographs of a round: other crops of the samples than any other round."""
    sources = sorted(SAMPLES.glob("*/*.jpg"))
    grain = Image.effect_noise(kind.size, kind.grain).convert("RGB")
    top, left = divmod(number, 100)
    for source in sources[:: len(sources) // kind.batch][: kind.batch]:
        with Image.open(source) as image:
            cut = image.convert("RGB").crop((left, top, *image.size))
        photograph = ImageOps.fit(cut, kind.size, Image.Resampling.BICUBIC)
        yield encoded(ImageChops.add(photograph, grain, offset=-128))


def encoded(image: Image.Image, codec: str = "JPEG") -> bytes:
    """An image as the bytes of a file, in the quality of a camera."""
    file = io.BytesIO()
    image.save(file, codec, quality=90)
    return file.getvalue()
