"""Tables of what was measured: the least disturbed run and the median, and both against a rival."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bench.contest import Speed, Start

_T = TypeVar("_T")

BASELINE = "tutorial: Node, fp32"
OURS = "ours: int8"
# The other runtimes in full precision.
FULL_PRECISION = (BASELINE, "torch, transformers", "torch, open_clip", "onnxruntime, fp32")
_NAME = 26


@dataclass(frozen=True)
class Figure:
    """The shortest of several runs and their median, in one unit."""

    least: float
    median: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """Summarise runs."""
        return cls(min(values), statistics.median(values))

    def over(self, other: Figure) -> Figure:
        """How many times larger the least is, and the median."""
        return Figure(self.least / other.least, self.median / other.median)


def speed_table(title: str, speeds: Mapping[str, Sequence[Speed]]) -> Iterator[str]:
    """One set of pictures: images per second and processor time."""
    wall, cpu = figures(speeds, lambda x: x.wall), figures(speeds, lambda x: x.cpu)
    yield f"\n{title}"
    heads = f"{'images/s':>15} {'× tutorial':>13}   {'CPU ms/image':>13} {'÷ tutorial':>13}"
    yield f"{'':{_NAME}} {heads}"
    columns = f"{'best':>6} {'median':>6}"
    yield f"{'':{_NAME}} {'best':>7} {'median':>7} {columns}   {columns} {columns}"
    for name in speeds:
        faster, cheaper = wall[BASELINE].over(wall[name]), cpu[BASELINE].over(cpu[name])
        rates = f"{1 / wall[name].least:7.1f} {1 / wall[name].median:7.1f}"
        times = f"{cpu[name].least * 1e3:6.1f} {cpu[name].median * 1e3:6.1f}"
        yield f"{name:{_NAME}} {rates} {_pair(faster)}   {times} {_pair(cheaper)}"


def _pair(figure: Figure) -> str:
    return f"{figure.least:6.2f} {figure.median:6.2f}"


def start_table(
    starts: Mapping[str, Sequence[Start]],
    texts: Mapping[str, Sequence[float]],
    memory: Mapping[str, int],
) -> Iterator[str]:
    """One process of each: start, words, memory."""
    first = figures(starts, lambda start: start.embedded)
    loaded = figures(starts, lambda start: start.loaded)
    cpu = figures(starts, lambda start: start.cpu)
    heads = f"{'loaded, s':>12} {'1st vector, s':>13} {'÷ tutorial':>13} {'its CPU, s':>13}"
    columns = f"{'best':>6} {'median':>6}"
    yield "\nfrom the start of a process; one text query; peak memory of all processes"
    yield f"{'':{_NAME}} {heads} {'text, ms':>13} {'MB':>6}"
    yield f"{'':{_NAME}} {'best':>5} {'median':>6} {columns} {columns} {columns} {columns}"
    for name in starts:
        times = f"{loaded[name].least:5.2f} {loaded[name].median:6.2f} {_pair(first[name])}"
        text = Figure.of([seconds * 1e3 for seconds in texts[name]])
        sooner = first[BASELINE].over(first[name])
        rest = f"{_pair(sooner)} {_pair(cpu[name])} {_pair(text)} {memory[name] / 1e6:6.0f}"
        yield f"{name:{_NAME}} {times} {rest}"


def figures(runs: Mapping[str, Sequence[_T]], value: Callable[[_T], float]) -> dict[str, Figure]:
    """Summarise one value of every contender's runs."""
    return {name: Figure.of([value(run) for run in some]) for name, some in runs.items()}
