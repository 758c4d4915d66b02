"""The processor time of each stage between a JPEG's bytes and what is stored, on one thread.

`python -m bench.preprocessing [--bundle FOLDER]`; every round has other photographs. "Huffman" is
decoding to an eighth of the size, which is that and little else.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np
from PIL import Image

from bench.measure import arguments, in_turns, print_results
from bench.pictures import KINDS, Kind, jpegs
from image_search import decoding, preprocess
from image_search.bundle import load_directory
from image_search.colors import dominant_colors
from image_search.encoder import ImageEncoder
from image_search.thumbhash import thumbhash
from local.stack import BUNDLE

_ROUNDS, _BATCH = 5, 4  # the library's batch
_T = TypeVar("_T")


def main() -> None:
    """Print a table of milliseconds."""
    encoder = ImageEncoder(load_directory(arguments("preprocessing", bundle=BUNDLE).bundle))
    jobs = {kind.name: partial(_stages, encoder, kind) for kind in KINDS[1:]}
    title = f"CPU, ms, best / median of {_ROUNDS} rounds in turns"
    print_results(title, in_turns(jobs, _ROUNDS))


def _stages(encoder: ImageEncoder, kind: Kind, number: int) -> dict[str, float]:
    """Milliseconds of each stage of an image."""
    took: dict[str, float] = {}

    def timed(stage: str, run: Callable[[], _T]) -> _T:
        start = time.process_time()
        result = run()
        took[stage] = (time.process_time() - start) * 1000
        return result

    data = next(jpegs(kind, number))
    timed("Huffman", lambda: _eighth(data))
    image = timed("decode", lambda: decoding.decode(data))
    pixels = timed("pixels of the model", lambda: encoder.pixels(image))
    timed(f"embed {_BATCH}", lambda: encoder.embed(np.stack([pixels] * _BATCH)))
    small = timed("thumbnail", lambda: preprocess.thumbnail(image.image))
    timed("WebP", lambda: preprocess.webp(small))
    timed("thumbhash, colours", lambda: (thumbhash(small), dominant_colors(small)))
    return took


def _eighth(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", (1, 1))
        image.load()


if __name__ == "__main__":
    main()
