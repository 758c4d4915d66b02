"""This project on a bundle, with one thread: `python -m bench.program BUNDLE`.

It speaks lines of JSON, as `program.mjs` does: one when its model is loaded, then an answer to each
request, `{"images": [path, …]}` with `vectors`, `{"text": "…"}` with the `seconds` that it took.
Every line has `cpu`, the seconds of processor time that the process has used so far.
"""

from __future__ import annotations

import json
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from image_search import bundle, encoder, preprocess


def main() -> None:
    """Load the model and answer requests."""
    loaded = bundle.load_directory(Path(sys.argv[1]))
    images = encoder.ImageEncoder(loaded, threads=1)
    text_encoder = cache(lambda: encoder.TextEncoder(loaded))

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        start = time.perf_counter()
        if "text" in request:
            text_encoder().embed(request["text"])
            return {"seconds": time.perf_counter() - start}
        decoded = (preprocess.decode(Path(path).read_bytes()) for path in request["images"])
        return {"vectors": images.embed(np.stack([images.pixels(one) for one in decoded])).tolist()}

    _write({})
    for line in sys.stdin:
        _write(answer(json.loads(line)))


def _write(answer: dict[str, Any]) -> None:
    print(json.dumps({**answer, "cpu": time.process_time()}), flush=True)


if __name__ == "__main__":
    main()
