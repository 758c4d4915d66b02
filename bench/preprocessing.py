"""The processor time of each stage between a JPEG's bytes and the model, on one thread.

`python -m bench.preprocessing`; every round has another photograph.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from PIL import Image

from bench.measure import Figure, in_turns, print_table
from bench.pictures import KINDS, Kind, jpegs
from image_search import preprocess
from image_search.thumbhash import thumbhash

_ROUNDS = 5
_T = TypeVar("_T")


def main() -> None:
    """Print a table of milliseconds."""
    runs = in_turns({kind.name: partial(_stages, kind) for kind in KINDS[1:]}, _ROUNDS)
    rows = {
        name: [f"{Figure.of(stage):.1f}" for stage in zip(*rounds, strict=True)]
        for name, rounds in runs.items()
    }
    stages = ["Huffman", "decode", "pixels of the model", "thumbnail", "WebP", "thumbhash"]
    title = f"preprocessing, ms, best / median of {_ROUNDS} rounds in turns"
    print_table(title, stages, rows)


def _stages(kind: Kind, number: int) -> list[float]:
    data = next(jpegs(kind, number))
    reading, _ = _timed(lambda: _eighth(data))
    decoding, decoded = _timed(lambda: preprocess.decode(data))
    fitting, _ = _timed(lambda: preprocess.pixels(decoded.image, 224, "bicubic"))
    resizing, small = _timed(lambda: preprocess.thumbnail(decoded.image))
    writing, _ = _timed(lambda: preprocess.webp(small))
    hashing, _ = _timed(lambda: thumbhash(small))
    return [reading, decoding, fitting, resizing, writing, hashing]


def _eighth(data: bytes) -> None:
    """Decode to an eighth of the size, which is Huffman decoding and little else."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", (1, 1))
        image.load()


def _timed(run: Callable[[], _T]) -> tuple[float, _T]:
    start = time.process_time()
    result = run()
    return (time.process_time() - start) * 1000, result


if __name__ == "__main__":
    main()
