"""This project on a bundle, with one thread: `python -m bench.program BUNDLE`.

It speaks lines of JSON, as `program.mjs` does: one when its model is loaded, then the `vectors` of
each request, `{"images": [path, …]}` or `{"text": "…"}`. Every line has `cpu`, the seconds of
processor time that the process has used so far.
"""

from __future__ import annotations

import json
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from image_search import bundle, decoding, encoder


def main() -> None:
    """Load the model and answer requests."""
    loaded = bundle.load_directory(Path(sys.argv[1]))
    images = encoder.ImageEncoder(loaded, threads=1)
    text_encoder = cache(lambda: encoder.TextEncoder(loaded))

    def vectors(request: dict[str, Any]) -> list[Any]:
        if "text" in request:
            return [text_encoder().embed(request["text"]).tolist()]
        decoded = (decoding.decode(Path(path).read_bytes()) for path in request["images"])
        return list(images.embed(np.stack([images.pixels(one) for one in decoded])).tolist())

    _write([])
    for line in sys.stdin:
        _write(vectors(json.loads(line)))


def _write(vectors: list[Any]) -> None:
    print(json.dumps({"vectors": vectors, "cpu": time.process_time()}), flush=True)


if __name__ == "__main__":
    main()
