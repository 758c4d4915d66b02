"""This project on a bundle, with one thread: `python -m bench.program BUNDLE`.

It speaks lines of JSON on its standard input and output, as `program.mjs` does. It writes a line
once its model is loaded, then answers each request: `{"images": [path, …]}` with `vectors`,
`{"text": "…"}` with the `seconds` that the embedding took. Every line that it writes has `cpu`, the
seconds of processor time that the process has used so far.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_search import bundle, encoder, preprocess


class ImageSearch:
    """What this project's functions do with a bundle, without the object store."""

    def __init__(self, folder: Path) -> None:
        self._bundle = bundle.load_directory(folder)
        self._images = encoder.ImageEncoder(self._bundle, threads=1)

    def embed(self, paths: Sequence[str]) -> NDArray[np.float32]:
        """Decode and embed; the encoder divides them into its own batches."""
        decoded = (preprocess.decode(Path(path).read_bytes()) for path in paths)
        return self._images.embed(np.stack([self._images.pixels(image) for image in decoded]))

    @cached_property
    def _text(self) -> encoder.TextEncoder:
        return encoder.TextEncoder(self._bundle)

    def embed_text(self, text: str) -> object:
        """Embed as the search function does, which keeps the vectors of recent texts."""
        return self._text.embed(text)


def main() -> None:
    """Load the model and answer requests."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # a library that prints must not break the protocol
    model = ImageSearch(Path(sys.argv[1]))
    _write(answers, {})
    for line in sys.stdin:
        _write(answers, _answer(model, json.loads(line)))


def _answer(model: ImageSearch, request: dict[str, Any]) -> dict[str, Any]:
    if "text" not in request:
        return {"vectors": model.embed(request["images"]).tolist()}
    start = time.perf_counter()
    model.embed_text(request["text"])
    return {"seconds": time.perf_counter() - start}


def _write(answers: Any, answer: dict[str, Any]) -> None:
    print(json.dumps({**answer, "cpu": time.process_time()}), file=answers, flush=True)


if __name__ == "__main__":
    main()
