"""Photographs as a vision tower sees them, for calibration and for measurements."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from image_search import preprocess

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
_CROP_SIDES = (0.4, 0.8)  # of the shortest side


def photographs(
    folder: Path, size: int, crops: int = 0, limit: int | None = None
) -> NDArray[np.uint8]:
    """Every picture under a folder, each followed by random square crops: (n, size, size, 3).

    `limit` takes that many pictures, evenly over the sorted paths.

    Raises:
        FileNotFoundError: there is none.
    """
    paths = _spread(sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES), limit)
    if not paths:
        raise FileNotFoundError(f"no picture in {folder}: {', '.join(sorted(_SUFFIXES))}")
    rng = np.random.default_rng(0)
    images = (preprocess.decode(path.read_bytes()).image for path in paths)
    views = (view for image in images for view in [image, *_crops(rng, image, crops)])
    return np.stack([preprocess.pixels(view, size, "bicubic") for view in views])


def _spread(paths: list[Path], limit: int | None) -> list[Path]:
    if limit is None or limit >= len(paths):
        return paths
    return [paths[round(i)] for i in np.linspace(0, len(paths) - 1, limit)]


def _crops(rng: Generator, image: Image.Image, count: int) -> Iterator[Image.Image]:
    for _ in range(count):
        side = int(min(image.size) * rng.uniform(*_CROP_SIDES))
        left = int(rng.integers(image.width - side + 1))
        top = int(rng.integers(image.height - side + 1))
        yield image.crop((left, top, left + side, top + side))
