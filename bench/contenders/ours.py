"""This project's library on a bundle; run one process per core, each with one thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from bench.contenders import protocol
from image_search import bundle, encoder, preprocess

_BATCH = 4


class Ours:
    """What the index function does to a batch of objects, without the objects' store."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._bundle = bundle.load_directory(folder)
        self._images = encoder.ImageEncoder(self._bundle, threads)

    def embed(self, pictures: Sequence[str]) -> list[list[float]]:
        """Batches of four: twice as many add a percent."""
        batches = (pictures[at : at + _BATCH] for at in range(0, len(pictures), _BATCH))
        return [vector for batch in batches for vector in self._batch(batch)]

    def _batch(self, pictures: Sequence[str]) -> list[list[float]]:
        decoded = (preprocess.decode(Path(path).read_bytes()) for path in pictures)
        pixels = np.stack([self._images.pixels(picture) for picture in decoded])
        return list(self._images.embed(pixels).tolist())

    @cached_property
    def _text(self) -> encoder.TextEncoder:
        return encoder.TextEncoder(self._bundle)

    def embed_text(self, text: str) -> object:
        """Embed as the search function does."""
        return self._text.embed(text)


if __name__ == "__main__":
    protocol.serve(Ours)
