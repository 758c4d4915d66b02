"""CLIP ViT-B/32 in the usual runtimes and in this project's, side by side on two cores.

    python -m bench.models [--weights FOLDER --bundle FOLDER] [--rounds N]

All runtimes stay loaded and take turns on the same images and texts, which are new in every round:
the search function keeps the vectors of recent texts. `make bench` makes the same architecture with
random weights, which costs exactly the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import ceiling, measure
from bench.contenders import Contender
from bench.measure import Figure, Results
from bench.pictures import KINDS, Kind, jpegs
from deploy.stack import ROOT

_WEIGHTS, _BUNDLE = ROOT / "build" / "bench" / "random", ROOT / "build" / "bench" / "bundle"
_CORES = 2
_TUTORIAL, _OURS = "the tutorial's way, fp32", "this project, int8"
_EXACT = "Node, vision tower only, fp32"
_VERDICTS = ("missed", "in one of the two", "holds")


def main() -> None:
    """Measure and print."""
    given = measure.arguments("models", bundle=_BUNDLE, weights=_WEIGHTS, rounds=5)
    measure.keep_to_processors(_CORES)
    times, cosines = _measure(_commands(given.weights.resolve(), given.bundle), given.rounds)
    title = f"ms, best / median of {given.rounds} rounds in turns, on {_CORES} cores"
    measure.print_results(title, times)
    print(f"\nlowest cosine to the tutorial's vectors: {cosines}")
    goals = _goals(times, ceiling.share(given.bundle / "vision.onnx", _CORES))
    print(f"\n{measure.table(['goals', 'at least', 'best / median', ''], goals)}")


def _commands(hub: Path, bundle: Path) -> dict[str, list[str]]:
    node = ["node", str(ROOT / "bench" / "program.mjs"), str(hub), str(_CORES)]
    return {
        _TUTORIAL: [*node, "both", "fp32"],
        _EXACT: [*node, "vision", "fp32"],
        "Node, vision tower only, int8": [*node, "vision", "q8"],
        _OURS: [sys.executable, "-m", "bench.program", str(bundle)],  # a process for each core
    }


def _measure(
    commands: Mapping[str, Sequence[str]], rounds: int
) -> tuple[Results, dict[str, float]]:
    """All times, and the lowest cosines to the tutorial's vectors: all compute the same."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        files = cache(partial(_files, Path(folder)))
        contenders = {
            name: stack.enter_context(closing(Contender(command, _CORES if name == _OURS else 1)))
            for name, command in commands.items()
        }
        jobs = {name: partial(_times, one, files) for name, one in contenders.items()}
        times = measure.in_turns(jobs, rounds)
        vectors = {
            name: one.vectors(images=files(KINDS[-1], 0)) for name, one in contenders.items()
        }
    cosines = {name: (some * vectors[_TUTORIAL]).sum(axis=1) for name, some in vectors.items()}
    return times, {name: round(float(some.min()), 4) for name, some in cosines.items()}


def _times(
    one: Contender, files: Callable[[Kind, int], list[str]], number: int
) -> dict[str, float]:
    """Milliseconds of an image of each kind, of the quickest of three texts, and of a start."""
    took = {}
    for kind in KINDS:
        took[kind.name], took[f"CPU, {kind.name}"] = one.speed(files(kind, number))
    texts = (f"{animals} running on beach {number}" for animals in ("dogs", "cats", "horses"))
    took["new text"] = min(map(one.text_seconds, texts))
    took["start"] = one.start_seconds(files(KINDS[0], number)[0])
    return {quantity: 1000 * seconds for quantity, seconds in took.items()}


def _files(folder: Path, kind: Kind, number: int) -> list[str]:
    """The photographs of a round, written once."""
    paths = []
    for index, data in enumerate(jpegs(kind, number)):
        path = folder / f"{kind.size[0]}-{number}-{index}.jpg"
        path.write_bytes(data)
        paths.append(str(path))
    return paths


def _goals(times: Results, share: Figure) -> dict[str, list[str]]:
    """What should be reached, and whether it was."""

    def gain(quantity: str, other: str = _TUTORIAL) -> Figure:
        return Figure.of(times[other][quantity]).over(Figure.of(times[_OURS][quantity]))

    exact = Figure(*map(min, gain("CPU, 224 px"), gain("CPU, 224 px", _EXACT)))
    goals = {
        "images/s × the tutorial's, 224 px": (5, gain("224 px")),
        "images/s × the tutorial's, 12 MP": (6.5, gain("12 MP")),
        "CPU of an image, best in full precision ÷ ours, 224 px": (4, exact),
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
