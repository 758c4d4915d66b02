"""CLIP ViT-B/32 in the usual runtimes and in this project's, side by side on two cores.

    python -m bench.models [--weights FOLDER --bundle FOLDER] [--rounds N]

All runtimes stay loaded and take turns on the same images and texts, which are new in every round:
the search function keeps the vectors of recent texts, so a repeated text has a column of its own.
`make bench` makes the same architecture with random weights, which costs exactly the same.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench import ceiling
from bench.contenders import Contender, Usage, running, start
from bench.measure import Figure, arguments, in_turns, keep_to_processors, print_table
from bench.pictures import KINDS, Kind, jpegs
from deploy.stack import ROOT

_WEIGHTS, _BUNDLE = ROOT / "build" / "bench" / "random", ROOT / "build" / "bench" / "bundle"
_CORES, _STARTS = 2, 3
_TUTORIAL, _OURS = "the tutorial's way, fp32", "this project, int8"
_EXACT, _INT8 = "Node, vision tower only, fp32", "Node, vision tower only, int8"
_VERDICTS = ("missed", "in one of the two", "holds")
# New in every round, for the search function keeps the vectors of recent texts; and kept.
_TEXTS = {"new text": "dogs running on beach {}", "repeated text": "dogs running on a beach"}
Files: TypeAlias = Callable[[Kind, int], list[str]]
Figures: TypeAlias = dict[str, dict[str, Figure]]  # by quantity and runtime; less is better


def main() -> None:
    """Measure and print."""
    given = arguments("models", bundle=_BUNDLE, weights=_WEIGHTS, rounds=5)
    keep_to_processors(_CORES)
    figures, cosines = _measure(_commands(given.weights.resolve(), given.bundle), given.rounds)
    title = f"best / median of {given.rounds} rounds in turns, on {_CORES} cores"
    print_table(title, *_speeds(figures))
    print(f"\nlowest cosine to the tutorial's vectors: {cosines}")
    share = ceiling.share(given.bundle / "vision.onnx", _CORES)
    print_table("goals", ["at least", "best / median", ""], _goals(figures, share))


def _commands(hub: Path, bundle: Path) -> dict[str, list[str]]:
    node = ["node", str(ROOT / "bench" / "program.mjs"), str(hub), str(_CORES)]
    return {
        _TUTORIAL: [*node, "both", "fp32"],
        _EXACT: [*node, "vision", "fp32"],
        _INT8: [*node, "vision", "q8"],
        _OURS: [sys.executable, "-m", "bench.program", str(bundle)],  # a process for each core
    }


def _measure(
    commands: Mapping[str, Sequence[str]], rounds: int
) -> tuple[Figures, dict[str, float]]:
    """All figures, and how alike the vectors are."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        files = cache(partial(_files, Path(folder)))
        contenders = {
            name: stack.enter_context(running(command, _CORES if name == _OURS else 1))
            for name, command in commands.items()
        }
        for kind in KINDS:
            jobs = {name: partial(_speed, one, files, kind) for name, one in contenders.items()}
            usage = in_turns(jobs, rounds)
            for field, quantity in enumerate((kind.name, f"CPU, {kind.name}")):
                figures[quantity] = _summary(
                    {name: [run[field] for run in runs] for name, runs in usage.items()}
                )
        for quantity, text in _TEXTS.items():
            texts = {name: partial(_text, one, text) for name, one in contenders.items()}
            figures[quantity] = _summary(in_turns(texts, 3 * rounds))
        large = files(KINDS[-1], 0)
        cosines = _cosines({name: one.vectors(large) for name, one in contenders.items()})
        starts = {name: partial(_start, one, files) for name, one in commands.items()}
        figures["start"] = _summary(in_turns(starts, _STARTS))
    return figures, cosines


def _speed(one: Contender, files: Files, kind: Kind, number: int) -> Usage:
    return one.speed(files(kind, number))


def _text(one: Contender, text: str, number: int) -> float:
    return one.text_seconds(text.format(number))


def _start(command: Sequence[str], files: Files, number: int) -> float:
    return start(command, files(KINDS[0], 0)[number])


def _files(folder: Path, kind: Kind, number: int) -> list[str]:
    """The photographs of a round, written once."""
    paths = []
    for index, data in enumerate(jpegs(kind, number)):
        path = folder / f"{kind.size[0]}-{number}-{index}.jpg"
        path.write_bytes(data)
        paths.append(str(path))
    return paths


def _summary(runs: Mapping[str, Sequence[float]]) -> dict[str, Figure]:
    """Milliseconds of the seconds."""
    return {name: Figure.of(1000 * run for run in some) for name, some in runs.items()}


def _cosines(units: Mapping[str, NDArray[np.float32]]) -> dict[str, float]:
    """The lowest cosine to the tutorial's vectors: all runtimes compute the same."""
    lowest = {name: (unit * units[_TUTORIAL]).sum(axis=1).min() for name, unit in units.items()}
    return {name: round(float(cosine), 4) for name, cosine in lowest.items()}


def _speeds(figures: Figures) -> tuple[list[str], dict[str, list[str]]]:
    """A row for each runtime: images in a second, then milliseconds."""
    sizes = [kind.name for kind in KINDS]
    times = [quantity for quantity in figures if quantity not in sizes]
    second = Figure(1000, 1000)
    rows = {
        name: [
            *(f"{second.over(figures[size][name]):.1f}" for size in sizes),
            *(f"{figures[quantity][name]:.1f}" for quantity in times),
        ]
        for name in figures["start"]
    }
    heads = [*(f"images/s, {size}" for size in sizes), *(f"{time}, ms" for time in times)]
    return heads, rows


def _goals(figures: Figures, share: Figure) -> dict[str, list[str]]:
    """What should be reached, and whether it was."""

    def gain(quantity: str) -> Figure:
        return figures[quantity][_TUTORIAL].over(figures[quantity][_OURS])

    cpu = figures["CPU, 224 px"]
    exact = Figure(*map(min, zip(cpu[_TUTORIAL], cpu[_EXACT], strict=True)))
    goals = {
        "images/s × the tutorial's, 224 px": (5, gain("224 px")),
        "images/s × the tutorial's, 12 MP": (6.5, gain("12 MP")),
        "CPU of an image, best in full precision ÷ ours, 224 px": (4, exact.over(cpu[_OURS])),
        "CPU of an image, the tutorial's ÷ ours, 12 MP": (4.5, gain("CPU, 12 MP")),
        "start to first vector, the tutorial's ÷ ours": (8, gain("start")),
        "vision tower's share of the int8 ceiling, all cores": (0.85, share),
    }
    return {
        name: [f"{least:g}", f"{got:.2f}", _VERDICTS[sum(value >= least for value in got)]]
        for name, (least, got) in goals.items()
    }


if __name__ == "__main__":
    main()
