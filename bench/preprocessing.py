"""How long each stage between an object's bytes and the model takes, on one thread.

`python -m bench.preprocessing`. The images are sample photographs enlarged with noise, so that a
codec has as much to do as with a camera's; every round has another one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from PIL import Image

from bench.measure import Figure, in_turns, table
from bench.pictures import KINDS, Kind, encoded, images
from image_search import preprocess
from image_search.thumbhash import thumbhash

_SIZES = KINDS[1:]
_CODECS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90},
    "PNG": {"compress_level": 1},  # the level of the encoder, which hardly matters to the decoder
    "WEBP": {"quality": 85, "method": 0},
}
_ROUNDS = 5


def main() -> None:
    """Print a table of milliseconds."""
    runs = {f"{kind.name} {codec}": _run(kind, codec) for kind in _SIZES for codec in _CODECS}
    rows = {
        name: [f"{Figure.of(round[stage] for round in rounds):.1f}" for stage in rounds[0]]
        for name, rounds in in_turns(runs, _ROUNDS).items()
    }
    stages = ["decode", "pixels of the model", "thumbnail", "WebP", "thumbhash"]
    print(f"\npreprocessing, ms, best / median of {_ROUNDS} rounds in turns\n")
    print(table(["", *stages], rows))


@lru_cache(1)
def _image(kind: Kind, number: int) -> Image.Image:
    return next(images(kind, number))


def _run(kind: Kind, codec: str) -> Callable[[int], dict[str, float]]:
    return lambda number: _stages(encoded(_image(kind, number), codec, **_CODECS[codec]))


def _stages(data: bytes) -> dict[str, float]:
    taken: dict[str, float] = {}
    with _timed(taken, "decode"):
        image = preprocess.decode(data).image
    with _timed(taken, "pixels"):
        preprocess.pixels(image, 224, "bicubic")
    with _timed(taken, "thumbnail"):
        small = preprocess.thumbnail(image)
    with _timed(taken, "webp"):
        preprocess.webp(small)
    with _timed(taken, "thumbhash"):
        thumbhash(small)
    return taken


@contextmanager
def _timed(taken: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    taken[stage] = (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
