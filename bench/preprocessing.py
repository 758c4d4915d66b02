"""How long each stage between an object's bytes and the model takes, on one thread.

The pictures are sample photographs enlarged with noise, so that a codec has as much to do as with
a camera's. Each figure is the least of several rounds in which all pictures take turns.
"""

from __future__ import annotations

import io
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from deploy.stack import ROOT
from image_search import preprocess
from image_search.thumbhash import thumbhash

_SAMPLE = ROOT / "samples" / "landscapes" / "mountain-picos-de-europa.jpg"
_SIZES = {"12 MP": (4000, 3000), "2 MP": (1633, 1225)}
_CODECS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 88},
    "PNG": {"compress_level": 6},
    "WEBP": {"quality": 85, "method": 2},
}
_ROUNDS = 7
T = TypeVar("T")


def main() -> None:
    """Print a table of milliseconds."""
    files = {
        f"{size} {codec}": _encoded(_picture(*pixels), codec)
        for size, pixels in _SIZES.items()
        for codec in _CODECS
    }
    times: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for _ in range(_ROUNDS):
        for name, data in files.items():
            for stage, milliseconds in _stages(data).items():
                times[name][stage].append(milliseconds)
    stages = list(next(iter(times.values())))
    print(f"{'':12}{'MB':>6}" + "".join(f"{stage:>12}" for stage in stages) + "   ms")
    for name, taken in times.items():
        cells = "".join(f"{min(taken[stage]):12.1f}" for stage in stages)
        print(f"{name:12}{len(files[name]) / 1e6:6.1f}{cells}")


def _stages(data: bytes) -> dict[str, float]:
    taken: dict[str, float] = {}
    picture = _timed(taken, "decode", lambda: preprocess.decode(data))
    _timed(taken, "pixels", lambda: preprocess.pixels(picture.image, 224, "bicubic"))
    small = _timed(taken, "thumbnail", lambda: preprocess.thumbnail(picture.image))
    _timed(taken, "webp", lambda: preprocess.webp(small))
    _timed(taken, "thumbhash", lambda: thumbhash(small))
    return taken


def _timed(taken: dict[str, float], stage: str, run: Callable[[], T]) -> T:
    start = time.perf_counter()
    answer = run()
    taken[stage] = (time.perf_counter() - start) * 1000
    return answer


def _picture(width: int, height: int) -> Image.Image:
    image = Image.open(_SAMPLE).convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    noise = np.random.default_rng(0).normal(0, 4, (height, width, 1))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def _encoded(image: Image.Image, codec: str) -> bytes:
    file = io.BytesIO()
    image.save(file, codec, **_CODECS[codec])
    return file.getvalue()


if __name__ == "__main__":
    main()
