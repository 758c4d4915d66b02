"""Photographs as cameras and the web have them, made from the samples: size, grain, bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageOps

from bench.measure import SAMPLES


@dataclass(frozen=True)
class Kind:
    """Photographs of one size."""

    name: str
    size: tuple[int, int]
    count: int
    """Of one round; a multiple of the batches that are embedded."""
    grain: float
    """Standard deviation of the noise that makes up for the detail that enlarging cannot add."""


KINDS = (
    Kind("224 px", (224, 224), 24, 0),
    Kind("2 MP", (1632, 1224), 16, 4),
    Kind("12 MP", (4032, 3024), 8, 5),
)


def jpegs(kind: Kind, number: int, folder: Path) -> list[str]:
    """Write the JPEGs of a round into a folder: other crops of the samples than any other round."""
    return [_write(image, folder, f"{kind.size[0]}-{number}") for image in images(kind, number)]


def images(kind: Kind, number: int) -> Iterator[Image.Image]:
    """The photographs of a round, from samples of all subjects."""
    sources = sorted(SAMPLES.glob("*/*.jpg"))
    grain = Image.effect_noise(kind.size, kind.grain).convert("RGB")
    for source in sources[:: len(sources) // kind.count][: kind.count]:
        with Image.open(source) as image:
            top, left = divmod(number, 100)
            cut = image.convert("RGB").crop((left, top, *image.size))
        photograph = ImageOps.fit(cut, kind.size, Image.Resampling.BICUBIC)
        yield ImageChops.add(photograph, grain, offset=-128)


def encoded(image: Image.Image, codec: str = "JPEG", **options: Any) -> bytes:
    """An image as the bytes of a file; JPEGs have the quality of a camera."""
    file = io.BytesIO()
    image.save(file, codec, **(options or {"quality": 90}))
    return file.getvalue()


def _write(image: Image.Image, folder: Path, prefix: str) -> str:
    path = folder / f"{prefix}-{len(list(folder.iterdir()))}.jpg"
    path.write_bytes(encoded(image))
    return str(path)
