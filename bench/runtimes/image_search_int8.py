"""This project's library on a bundle: one process per core, each with one thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from bench.runtimes import protocol
from image_search import bundle, encoder, preprocess


class ImageSearch:
    """What the index function does to a batch of objects, without the object store."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._bundle = bundle.load_directory(folder)
        self._images = encoder.ImageEncoder(self._bundle, threads)

    def embed(self, paths: Sequence[str]) -> list[list[float]]:
        """Decode and embed; the encoder divides them into its own batches."""
        decoded = (preprocess.decode(Path(path).read_bytes()) for path in paths)
        pixels = np.stack([self._images.pixels(image) for image in decoded])
        return list(self._images.embed(pixels).tolist())

    @cached_property
    def _text(self) -> encoder.TextEncoder:
        return encoder.TextEncoder(self._bundle)

    def embed_text(self, text: str) -> object:
        """Embed as the search function does, which keeps the vectors of recent texts."""
        return self._text.embed(text)


if __name__ == "__main__":
    protocol.serve(ImageSearch)
