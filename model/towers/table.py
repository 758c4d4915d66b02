"""Precisions side by side: `python -m model.towers.table [--outliers] [--samples DIR]`.

Weights are random, with the architecture of CLIP ViT-B/32: that gives speed, size and numerics.
What a precision does to the quality of pretrained weights is not seen here: `make verify`
measures it for whoever has them.

Times are the least of several runs, in turns, so that a busy machine slows all precisions alike.
Quality is over photographs and crops of them: the cosine to full precision, mean and worst; and
how many of the ten nearest pictures are the same.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from . import random_weights
from .architecture import CLIP_VIT_B_32 as ARCHITECTURE
from .build import Tower, picture_feeds, static_int8, text_feeds, text_tower, vision_tower
from .calibration import Feed
from .ceiling import ceiling
from .footprint import footprint, session
from .linear import Fp32
from .parameters import Array, Parameters
from .photographs import photographs
from .quantise import FULL, REDUCED, DynamicInt8, Int8Weights

_REFERENCE, _CEILING = "fp32", "(integer products alone)"
_ROUNDS = 12
_CROPS = 3  # of each photograph, for the collection that quality is measured on
_SENTENCES = 200
_NEAREST = 10
_BATCHES, _THREADS, _TOKENS = (1, 4, 8), (1, 2), (7, 16, 77)

Models: TypeAlias = Mapping[str, Path]
Column: TypeAlias = dict[str, str]


def main() -> None:
    """Build, measure, print."""
    arguments = _arguments()
    draw = random_weights.outlier_rich if arguments.outliers else random_weights.plain
    parameters = draw(ARCHITECTURE)
    with TemporaryDirectory() as folder:
        _print_vision(parameters, arguments.samples, Path(folder))
        _print_text(parameters, Path(folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the precisions of CLIP ViT-B/32.")
    parser.add_argument("--outliers", action="store_true", help="weights that are hard to quantise")
    parser.add_argument("--samples", type=Path, default=Path("samples"), help="photographs")
    return parser.parse_args()


def _print_vision(parameters: Parameters, samples: Path, folder: Path) -> None:
    size = ARCHITECTURE.vision.image_size
    collection = picture_feeds(photographs(samples, size, _CROPS))
    calibration = collection[:: _CROPS + 1]
    models = dict(written(vision_tower(ARCHITECTURE), parameters, calibration, folder))
    columns = [*sizes(models, collection), *qualities(models, collection)]
    models[_CEILING] = _write(ceiling(parameters, ARCHITECTURE), folder / "ceiling.onnx")
    batches = {n: np.concatenate([feed["pixels"] for feed in collection[:n]]) for n in _BATCHES}
    for threads in _THREADS:
        for n, pixels in batches.items():
            times = times_of(models, {"pixels": pixels}, threads)
            cells = {name: f"{ms / n:.2f}" for name, ms in times.items()}
            columns.append({"": f"ms/image, batch {n}, {threads} thr.", **cells})
    print_table("vision", models, columns)


def _print_text(parameters: Parameters, folder: Path) -> None:
    sentences = text_feeds([_sentence(seed) for seed in range(2 * _SENTENCES)])
    models = dict(written(text_tower(ARCHITECTURE), parameters, sentences[_SENTENCES:], folder))
    columns = [*sizes(models, sentences), *qualities(models, sentences[:_SENTENCES])]
    for tokens in _TOKENS:
        times = times_of(models, text_feeds([_sentence(0, tokens)])[0], 1)
        cells = {name: f"{ms:.2f}" for name, ms in times.items()}
        columns.append({"": f"ms, {tokens} tokens, 1 thr.", **cells})
    print_table("text", models, columns)


def _sentence(seed: int, tokens: int | None = None) -> list[int]:
    """Random ids between a start and an end, of a random length unless one is given."""
    text, rng = ARCHITECTURE.text, np.random.default_rng(seed)
    length = tokens or int(rng.integers(4, text.context + 1))
    end = text.vocabulary - 1
    return [end - 1, *rng.integers(0, end - 1, length - 2).tolist(), end]


def written(
    tower: Tower, parameters: Parameters, feeds: Sequence[Feed], folder: Path
) -> Iterator[tuple[str, Path]]:
    """Build one precision after another: all of them together would need gigabytes."""
    builders: dict[str, Callable[[], onnx.ModelProto]] = {
        _REFERENCE: lambda: tower.graph(parameters, Fp32()).model(),
        "int8": lambda: static_int8(tower, parameters, feeds, FULL),
        "int8-reduced": lambda: static_int8(tower, parameters, feeds, REDUCED),
        "int8-weights": lambda: tower.graph(parameters, Int8Weights()).model(),
        "int8-dynamic": lambda: tower.graph(parameters, DynamicInt8()).model(),
    }
    for name, build in builders.items():
        yield name, _write(build(), folder / f"{tower.prefix}-{name}.onnx")


def _write(model: onnx.ModelProto, path: Path) -> Path:
    onnx.save(model, path)
    return path


def sizes(models: Models, feeds: Sequence[Feed]) -> Iterator[Column]:
    """What each costs before its first answer."""
    tokens = next(iter(feeds[0].values())).shape[1]  # of a text; a picture is as large as it is
    prints = {name: footprint(path, tokens) for name, path in models.items()}
    yield {"": "MB", **{name: f"{path.stat().st_size / 1e6:.0f}" for name, path in models.items()}}
    yield {"": "load ms", **{name: f"{p.load_ms:.0f}" for name, p in prints.items()}}
    yield {"": "peak MB", **{name: f"{p.peak_mb:.0f}" for name, p in prints.items()}}


def qualities(models: Models, feeds: Sequence[Feed]) -> Iterator[Column]:
    """How near each comes to `fp32`, which is one of the models."""
    vectors = {name: _vectors(path, feeds) for name, path in models.items()}
    exact = vectors[_REFERENCE]
    cosines = {name: (exact * got).sum(axis=1) for name, got in vectors.items()}
    yield {"": "cosine", **{name: f"{values.mean():.4f}" for name, values in cosines.items()}}
    yield {"": "worst", **{name: f"{values.min():.4f}" for name, values in cosines.items()}}
    same = {name: _overlap(exact, got) for name, got in vectors.items()}
    yield {"": f"top {_NEAREST}", **{name: f"{value:.3f}" for name, value in same.items()}}


def _vectors(model: Path, feeds: Sequence[Feed]) -> Array:
    tower = session(str(model), threads=1)
    return np.concatenate([tower.run(None, dict(feed))[0] for feed in feeds])


def _overlap(exact: Array, got: Array) -> float:
    """Share of each vector's nearest others that both agree on."""
    pairs = zip(_nearest(exact), _nearest(got), strict=True)
    return float(np.mean([np.isin(a, b).mean() for a, b in pairs]))


def _nearest(vectors: Array) -> NDArray[np.intp]:
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1)[:, :_NEAREST]


def times_of(models: Models, feed: Feed, threads: int) -> dict[str, float]:
    """Milliseconds of one run, the least over rounds in which all models take turns."""
    sessions = {name: session(str(path), threads) for name, path in models.items()}
    rounds = [
        {name: _milliseconds(tower, feed) for name, tower in sessions.items()}
        for _ in range(_ROUNDS)
    ]
    return {name: min(times[name] for times in rounds) for name in models}


def _milliseconds(tower: ort.InferenceSession, feed: Feed) -> float:
    start = time.perf_counter()
    tower.run(None, dict(feed))
    return (time.perf_counter() - start) * 1000


def print_table(title: str, models: Models, columns: Sequence[Column]) -> None:
    """One row for each precision."""
    print(f"\n| {title} | {' | '.join(column[''] for column in columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for name in models:
        print(f"| {name} | {' | '.join(column.get(name, '') for column in columns)} |", flush=True)


if __name__ == "__main__":
    main()
