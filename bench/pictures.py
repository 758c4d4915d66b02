"""Pictures as cameras and the web have them, made from the samples: size, grain, bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageOps

from bench.places import SAMPLES


@dataclass(frozen=True)
class Kind:
    """One set of pictures."""

    name: str
    size: tuple[int, int]
    count: int
    quality: int
    """Of the JPEG encoder."""
    grain: float
    """Standard deviation of the noise that makes up for the detail that enlarging cannot add."""


KINDS = (
    Kind("224 px", (224, 224), 24, 90, 0),
    Kind("2 megapixels", (1632, 1224), 16, 90, 4),
    Kind("12 megapixels", (4032, 3024), 8, 90, 5),
)


@dataclass(frozen=True)
class PictureSet:
    """Files of one kind."""

    kind: Kind
    paths: tuple[str, ...]

    @property
    def title(self) -> str:
        """The kind, with how many there are and their mean size in bytes."""
        size = sum(Path(path).stat().st_size for path in self.paths) / len(self.paths)
        return f"{self.kind.name}: {len(self.paths)} JPEGs of {size / 1e6:.2g} MB"


def make(folder: Path) -> list[PictureSet]:
    """Write every kind into a folder."""
    return [PictureSet(kind, tuple(_write(kind, folder))) for kind in KINDS]


def _write(kind: Kind, folder: Path) -> Iterator[str]:
    """From samples of all subjects."""
    sources = sorted(SAMPLES.glob("*/*.jpg"))
    step = len(sources) // kind.count
    grain = Image.effect_noise(kind.size, kind.grain).convert("RGB")
    for number, source in enumerate(sources[: step * kind.count : step]):
        with Image.open(source) as image:
            picture = ImageOps.fit(image.convert("RGB"), kind.size, Image.Resampling.BICUBIC)
        target = folder / f"{kind.size[0]}-{number}.jpg"
        ImageChops.add(picture, grain, offset=-128).save(target, quality=kind.quality)
        yield str(target)
