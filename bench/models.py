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
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from bench import ceiling
from bench.install import Tools, environment, install, once
from bench.measure import BUILD, ROOT, Figure, in_turns, keep_to_processors, table
from bench.pictures import KINDS, Kind, jpegs
from bench.workers import Runtime, Usage, Workers, running, start

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
Figures: TypeAlias = Mapping[str, Figure]
Column: TypeAlias = Callable[[Mapping[str, Figures], str], str]


class Goal(NamedTuple):
    """A ratio and what it should be at least."""

    name: str
    least: float
    got: Figure


def main() -> None:
    """Measure and print."""
    options = _options()
    keep_to_processors(_CORES)
    tools = install()
    hub, bundle = _weights(tools, options.weights, options.bundle)
    figures, cosines = _measure(_runtimes(tools, hub, bundle), options.rounds)
    print(f"\nbest / median of {options.rounds} rounds in turns, on {_CORES} cores\n")
    print(table(["", *_COLUMNS], {name: _cells(figures, name) for name in figures["start"]}))
    print(f"\nlowest cosine to the tutorial's vectors: {cosines}\n")
    text, share = ceiling.report(bundle / "vision.onnx", _CORES)
    print(f"{text}\n\n{_verdicts(_goals(figures, share))}")


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


def _measure(
    runtimes: Mapping[str, Runtime], rounds: int
) -> tuple[dict[str, Figures], dict[str, float]]:
    """Figures by quantity and runtime, less is better; and how alike the vectors are."""
    figures: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        images = cache(partial(jpegs, folder=Path(folder)))
        workers = {name: stack.enter_context(running(one)) for name, one in runtimes.items()}
        for kind in KINDS:
            jobs = {name: _speed(one, partial(images, kind)) for name, one in workers.items()}
            figures |= _usage(kind.name, in_turns(jobs, rounds))
        for text, turn in (("new text", _new_text), ("repeated text", _repeated_text)):
            turns = {name: turn(one) for name, one in workers.items()}
            figures[text] = _summary(in_turns(turns, 3 * rounds))
        figures["memory"] = _summary({name: [one.memory] for name, one in workers.items()})
        cosines = _cosines(workers, images(KINDS[-1], 0)[:_COMPARED])
        starts = {name: _start(one, images(KINDS[0], 0)) for name, one in runtimes.items()}
        figures["start"] = _summary(in_turns(starts, _STARTS))
    return figures, cosines


def _summary(runs: Mapping[str, Sequence[float]]) -> Figures:
    return {runtime: Figure.of(some) for runtime, some in runs.items()}


def _usage(name: str, runs: Mapping[str, Sequence[Usage]]) -> dict[str, Figures]:
    """Wall clock and processor time by runtime."""
    wall = {runtime: [run.wall for run in some] for runtime, some in runs.items()}
    cpu = {runtime: [run.cpu for run in some] for runtime, some in runs.items()}
    return {name: _summary(wall), f"{name}, CPU": _summary(cpu)}


def _speed(one: Workers, images: Callable[[int], list[str]]) -> Callable[[int], Usage]:
    return lambda number: one.speed(images(number))


def _new_text(one: Workers) -> Callable[[int], float]:
    return lambda number: one.text_seconds(f"two dogs running on beach {number + 100} at sunset")


def _repeated_text(one: Workers) -> Callable[[int], float]:
    return lambda _: one.text_seconds("two dogs running on a beach at sunset")


def _start(runtime: Runtime, paths: Sequence[str]) -> Callable[[int], float]:
    return lambda number: start(runtime, paths[number])


def _cosines(workers: Mapping[str, Workers], paths: Sequence[str]) -> dict[str, float]:
    """The lowest cosine to the tutorial's vectors: all runtimes compute the same."""
    vectors = {name: np.array(one.vectors(paths)) for name, one in workers.items()}
    units = {name: v / np.linalg.norm(v, axis=1, keepdims=True) for name, v in vectors.items()}
    lowest = {name: (v * units[_TUTORIAL]).sum(axis=1).min() for name, v in units.items()}
    others = (units[_TUTORIAL] @ units[_TUTORIAL].T)[np.triu_indices(len(paths), 1)].max()
    cosines = lowest | {"the tutorial's, of two different images": others}
    return {name: round(float(cosine), 4) for name, cosine in cosines.items()}


def _cells(figures: Mapping[str, Figures], name: str) -> list[str]:
    """The row of a runtime."""
    return [shown(figures, name) for shown in _COLUMNS.values()]


def _rate(kind: Kind) -> Column:
    return lambda figures, name: f"{figures[kind.name][name].rate():.1f}"


def _ratio(quantity: str) -> Column:
    """How many times less than the tutorial's way."""
    return lambda figures, name: f"{_gain(figures[quantity], name):.2f}"


def _value(quantity: str, factor: float, spec: str) -> Column:
    return lambda figures, name: f"{figures[quantity][name].times(factor):{spec}}"


def _gain(figures: Figures, name: str = _OURS) -> Figure:
    return figures[_TUTORIAL].over(figures[name])


_COLUMNS: dict[str, Column] = {
    **{f"images/s, {kind.name}": _rate(kind) for kind in KINDS},
    **{f"× the tutorial's, {kind.name}": _ratio(kind.name) for kind in KINDS},
    **{f"CPU ms, {kind.name}": _value(f"{kind.name}, CPU", 1e3, ".1f") for kind in KINDS},
    "start to first vector, s": _value("start", 1, ".2f"),
    "new text, ms": _value("new text", 1e3, ".1f"),
    "repeated text, ms": _value("repeated text", 1e3, ".2f"),
    "peak MB": lambda figures, name: f"{figures['memory'][name].best / 1e6:.0f}",
}


def _goals(figures: Mapping[str, Figures], share: Figure) -> list[Goal]:
    cpu = figures["224 px, CPU"]
    others = [cpu[name] for name in _FULL_PRECISION]
    best = Figure(min(x.best for x in others), min(x.median for x in others))
    return [
        Goal("images/s × the tutorial's, 224 px", 5, _gain(figures["224 px"])),
        Goal("images/s × the tutorial's, 12 MP", 6.5, _gain(figures["12 MP"])),
        Goal("CPU of an image, best in full precision ÷ ours, 224 px", 4, best.over(cpu[_OURS])),
        Goal("CPU of an image, the tutorial's ÷ ours, 12 MP", 4.5, _gain(figures["12 MP, CPU"])),
        Goal("start to first vector, the tutorial's ÷ ours", 8, _gain(figures["start"])),
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
