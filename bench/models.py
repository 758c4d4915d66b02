"""CLIP ViT-B/32 in the usual runtimes and in this project's, side by side on two cores.

    python -m bench.models [--weights FOLDER] [--bundle FOLDER] [--rounds N]

All runtimes stay loaded and take turns on the same images and texts, which are new in every round:
the search function keeps the vectors of recent texts, so a repeated text has a column of its own.
Without real weights, the same architecture with random ones is made: it costs exactly the same.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from bench import ceiling
from bench.install import Tools, environment, install, once
from bench.measure import BUILD, ROOT, Figure, in_turns, keep_to_processors, table
from bench.pictures import KINDS, Kind, jpegs
from bench.workers import Runtime, Speed, Start, Workers, running, start

_HERE = Path(__file__).parent
# What the runtimes read of an export, as model hubs name it.
_HUB_FILES = (
    *("config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"),
    *("onnx/model.onnx", "onnx/vision_model.onnx", "onnx/text_model.onnx"),
    *("onnx/vision_model_quantized.onnx", "onnx/text_model_quantized.onnx", "model.safetensors"),
)
_CORES = 2
_TUTORIAL, _OURS = "the tutorial's way, fp32", "this project, int8"
_NODE, _TORCH, _ONNX = "Node, vision tower only, int8", "torch, transformers", "onnxruntime, fp32"
_FULL_PRECISION = (_TUTORIAL, _TORCH, _ONNX)
_STARTS = 3
_COMPARED = 4  # images whose vectors are compared
_T = TypeVar("_T")
Figures = Mapping[str, Figure]


class Goal(NamedTuple):
    """A ratio and what it should be at least."""

    name: str
    least: float
    got: Figure


@dataclass(frozen=True)
class Measured:
    """Figures by runtime, in seconds."""

    wall: Mapping[str, Figures]
    """Of an image, by kind of image."""
    cpu: Mapping[str, Figures]
    starts: Figures
    new_texts: Figures
    repeated_texts: Figures
    memory: Mapping[str, float]
    cosines: Mapping[str, float]


def main() -> None:
    """Measure and print."""
    options = _options()
    keep_to_processors(_CORES)
    tools = install()
    hub, bundle = _weights(tools, options.weights, options.bundle)
    measured = _measure(_runtimes(tools, hub, bundle), options.rounds)
    print(f"\nbest / median of {options.rounds} rounds in turns, on {_CORES} cores")
    for text in (_speeds(measured), _latencies(measured)):
        print(f"\n{text}")
    text, share = ceiling.report(bundle / "vision.onnx", _CORES)
    print(f"\n{text}\n\n{_verdicts(_goals(measured, share))}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.models", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--weights", type=Path, help="a folder as on a model hub, with onnx/")
    parser.add_argument("--bundle", type=Path, help="this project's bundle of the same weights")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def _weights(tools: Tools, weights: Path | None, bundle: Path | None) -> tuple[Path, Path]:
    """The given folders, and random weights in place of those that are not given."""
    random = BUILD / "random"

    def make(python: Path | str, module: str, *arguments: Path) -> None:
        print(f"{module}, a minute", flush=True)
        command = [str(python), "-m", module, *map(str, arguments)]
        subprocess.run(command, check=True, env=environment())

    if weights is None:
        make_random = partial(make, tools.python, "bench.random_weights", random)
        once(random, [_HERE / "random_weights.py"], make_random)
    hub = (weights or random).resolve()
    if missing := [name for name in _HUB_FILES if not (hub / name).exists()]:
        raise SystemExit(f"{hub} lacks {', '.join(missing)}")
    made = BUILD / "bundles" / hub.name
    if bundle is None:
        sources = [_HERE / "bundle.py", *sorted((ROOT / "model").rglob("*.py"))]
        make_bundle = partial(make, sys.executable, "bench.bundle", hub, made)
        once(made, [*sources, hub / "config.json"], make_bundle)
    return hub, (bundle or made).resolve()


def _runtimes(tools: Tools, hub: Path, bundle: Path) -> dict[str, Runtime]:
    threads = str(_CORES)

    def node(towers: str, dtype: str) -> Runtime:
        script = tools.node_scripts / "transformers.mjs"
        return Runtime((str(tools.node), str(script), str(hub), threads, towers, dtype))

    def python(interpreter: Path | str, module: str) -> Runtime:
        return Runtime((str(interpreter), "-m", f"bench.runtimes.{module}", str(hub), threads))

    ours = (sys.executable, "-m", "bench.runtimes.image_search_int8", str(bundle), "1")
    return {
        _TUTORIAL: node("both", "fp32"),
        _NODE: node("vision", "q8"),
        _TORCH: python(tools.python, "torch_transformers"),
        _ONNX: python(sys.executable, "onnxruntime_fp32"),
        _OURS: Runtime(ours, _CORES),
    }


def _measure(runtimes: Mapping[str, Runtime], rounds: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        images = cache(partial(jpegs, folder=Path(folder)))
        workers = {name: stack.enter_context(running(one)) for name, one in runtimes.items()}
        speeds = {kind.name: _image_speeds(workers, kind, images, rounds) for kind in KINDS}
        new = in_turns({name: _new_text(one) for name, one in workers.items()}, 3 * rounds)
        repeated = in_turns({name: _repeated_text(one) for name, one in workers.items()}, rounds)
        memory = {name: one.memory / 1e6 for name, one in workers.items()}
        cosines = _cosines(workers, images(KINDS[-1], 0)[:_COMPARED])
        begun = {name: _new_start(one, images(KINDS[0], 0)) for name, one in runtimes.items()}
        starts = in_turns(begun, _STARTS)
    return Measured(
        {kind: _figures(runs, lambda run: run.wall) for kind, runs in speeds.items()},
        {kind: _figures(runs, lambda run: run.cpu) for kind, runs in speeds.items()},
        _figures(starts, lambda run: run.wall),
        _figures(new, float),
        _figures(repeated, float),
        memory,
        cosines,
    )


def _image_speeds(
    workers: Mapping[str, Workers],
    kind: Kind,
    images: Callable[[Kind, int], list[str]],
    rounds: int,
) -> dict[str, list[Speed]]:
    def turn(one: Workers) -> Callable[[int], Speed]:
        return lambda number: one.speed(images(kind, number))

    return in_turns({name: turn(one) for name, one in workers.items()}, rounds)


def _new_text(one: Workers) -> Callable[[int], float]:
    return lambda number: one.text_seconds(f"two dogs running on beach {number + 100} at sunset")


def _repeated_text(one: Workers) -> Callable[[int], float]:
    return lambda _: one.text_seconds("two dogs running on a beach at sunset")


def _new_start(runtime: Runtime, paths: Sequence[str]) -> Callable[[int], Start]:
    return lambda number: start(runtime, paths[number])


def _figures(runs: Mapping[str, Sequence[_T]], value: Callable[[_T], float]) -> dict[str, Figure]:
    return {name: Figure.of(map(value, some)) for name, some in runs.items()}


def _cosines(workers: Mapping[str, Workers], paths: Sequence[str]) -> dict[str, float]:
    """The lowest cosine to the tutorial's vectors: all runtimes compute the same."""
    vectors = {name: np.array(one.vectors(paths)) for name, one in workers.items()}
    units = {name: v / np.linalg.norm(v, axis=1, keepdims=True) for name, v in vectors.items()}
    return {name: float((v * units[_TUTORIAL]).sum(axis=1).min()) for name, v in units.items()}


def _speeds(measured: Measured) -> str:
    """Images per second, and how many times that of the tutorial's way."""
    head = ["images/s, × the tutorial's"]
    rows: dict[str, list[str]] = {name: [] for name in measured.starts}
    for kind, wall in measured.wall.items():
        head += [kind, "×"]
        for name, figure in wall.items():
            rows[name] += [f"{figure.rate():.1f}", f"{wall[_TUTORIAL].over(figure):.2f}"]
    return table(head, rows)


def _latencies(measured: Measured) -> str:
    """Processor time, start, texts and memory."""
    head = [f"CPU ms, {kind}" for kind in measured.cpu]
    head += ["start to first vector, s", "new text, ms", "repeated text, ms", "peak MB", "cosine"]
    rows = {
        name: [
            *(f"{cpu[name].times(1e3):.1f}" for cpu in measured.cpu.values()),
            f"{measured.starts[name]:.2f}",
            f"{measured.new_texts[name].times(1e3):.1f}",
            f"{measured.repeated_texts[name].times(1e3):.2f}",
            f"{measured.memory[name]:.0f}",
            f"{measured.cosines[name]:.4f}",
        ]
        for name in measured.starts
    }
    return table(["", *head], rows)


def _goals(measured: Measured, share: Figure) -> list[Goal]:
    small, large = KINDS[0].name, KINDS[-1].name

    def faster(kind: str) -> Figure:
        return measured.wall[kind][_TUTORIAL].over(measured.wall[kind][_OURS])

    cpu = measured.cpu[small]
    others = [cpu[name] for name in _FULL_PRECISION]
    best = Figure(min(x.best for x in others), min(x.median for x in others))
    cheaper = measured.cpu[large][_TUTORIAL].over(measured.cpu[large][_OURS])
    sooner = measured.starts[_TUTORIAL].over(measured.starts[_OURS])
    return [
        Goal(f"images/s × the tutorial's, {small}", 5, faster(small)),
        Goal(f"images/s × the tutorial's, {large}", 6.5, faster(large)),
        Goal(f"CPU of an image, best in full precision ÷ ours, {small}", 4, best.over(cpu[_OURS])),
        Goal(f"CPU of an image, the tutorial's ÷ ours, {large}", 4.5, cheaper),
        Goal("start to first vector, the tutorial's ÷ ours", 8, sooner),
        Goal("vision tower's share of the int8 ceiling, all cores", 0.85, share),
    ]


def _verdicts(goals: Sequence[Goal]) -> str:
    rows = {}
    for goal in goals:
        held = [goal.got.best >= goal.least, goal.got.median >= goal.least]
        verdict = "holds" if all(held) else "in one of the two" if any(held) else "missed"
        rows[goal.name] = [f"{goal.least:g}", f"{goal.got:.2f}", verdict]
    return table(["goal", "at least", "best / median", ""], rows)


if __name__ == "__main__":
    main()
