"""The sample photographs and captions that models are calibrated and measured on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from image_search import decoding, preprocess
from image_search.bundle import Resize

from .errors import ModelError

SAMPLES = Path(__file__).parents[1] / "samples"
_CAPTIONS = Path(__file__).with_name("captions.txt")
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_CROP_SIDES = (0.4, 0.8)  # of the shortest side


@dataclass(frozen=True)
class ImageInput:
    """How images are prepared for a model."""

    size: int
    """Pixels, of both sides."""
    resize: Resize = "shortest_side"
    interpolation: str = "bicubic"

    def pixels(self, image: Image.Image) -> NDArray[np.uint8]:
        """An image as the model sees it: (size, size, 3)."""
        return preprocess.pixels(image, self.size, self.interpolation, self.resize)

    def stacked(self, images: Iterable[Image.Image]) -> NDArray[np.uint8]:
        """Images as the model sees them: (n, size, size, 3)."""
        return np.stack([self.pixels(image) for image in images])


def sample_images(folder: Path = SAMPLES) -> list[Image.Image]:
    """Every image under a folder, in the order of their paths.

    Raises:
        ModelError: there is none.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    if not paths:
        raise ModelError(f"no image in {folder}: {', '.join(sorted(_SUFFIXES))}")
    return [decoding.decode(path.read_bytes()).image for path in paths]


def with_crops(images: Iterable[Image.Image], crops: int) -> Iterator[Image.Image]:
    """Images, each followed by random square crops of it."""
    rng = np.random.default_rng(0)
    for image in images:
        yield image
        yield from _crops(rng, image, crops)


def _crops(rng: Generator, image: Image.Image, count: int) -> Iterator[Image.Image]:
    for _ in range(count):
        side = int(min(image.size) * rng.uniform(*_CROP_SIDES))
        left = int(rng.integers(image.width - side + 1))
        top = int(rng.integers(image.height - side + 1))
        yield image.crop((left, top, left + side, top + side))


def captions() -> list[str]:
    """The captions and queries of many kinds."""
    return _CAPTIONS.read_text(encoding="utf-8").splitlines()
