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
    yield f"{'':{_NAME}} {'images/s':>15} {'× tutorial':>13}   {'CPU ms/image':>13} {'÷ tutorial':>13}"
    yield f"{'':{_NAME}} {'best':>7} {'median':>7} {'best':>6} {'median':>6}" + (
        f"   {'best':>6} {'median':>6} {'best':>6} {'median':>6}"
    )
    for name in speeds:
        faster, cheaper = wall[BASELINE].over(wall[name]), cpu[BASELINE].over(cpu[name])
        rates = f"{1 / wall[name].least:7.1f} {1 / wall[name].median:7.1f}"
        times = f"{cpu[name].least * 1e3:6.1f} {cpu[name].median * 1e3:6.1f}"
        yield f"{name:{_NAME}} {rates} {_pair(faster)}   {times} {_pair(cheaper)}"


def _pair(ratio: Figure) -> str:
    return f"{ratio.least:6.2f} {ratio.median:6.2f}"


def start_table(
    starts: Mapping[str, Sequence[Start]],
    texts: Mapping[str, Sequence[float]],
    memory: Mapping[str, int],
) -> Iterator[str]:
    """One process of each: start, words, memory."""
    loaded, first = figures(starts, lambda x: x.loaded), figures(starts, lambda x: x.embedded)
    words = {name: Figure.of(runs) for name, runs in texts.items()}
    yield "\nfrom the start of a process, in seconds; one text query; peak memory of all processes"
    yield f"{'':{_NAME}} {'loaded':>12} {'first vector':>13} {'÷ tutorial':>13} {'text, ms':>13} {'MB':>6}"
    for name in starts:
        sooner = _pair(first[BASELINE].over(first[name]))
        seconds = f"{loaded[name].least:5.2f} {loaded[name].median:6.2f}"
        seconds += f" {first[name].least:6.2f} {first[name].median:6.2f}"
        text = f"{words[name].least * 1e3:6.1f} {words[name].median * 1e3:6.1f}"
        yield f"{name:{_NAME}} {seconds} {sooner} {text} {memory[name] / 1e6:6.0f}"


def figures(runs: Mapping[str, Sequence[_T]], value: Callable[[_T], float]) -> dict[str, Figure]:
    """Summarise one value of every contender's runs."""
    return {name: Figure.of([value(run) for run in some]) for name, some in runs.items()}
