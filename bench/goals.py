"""What this project promises of its speed, held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench import report
from bench.ceiling import Result
from bench.contest import Speed, Start
from bench.report import BASELINE, FULL_PRECISION, OURS, Figure

Speeds = Mapping[str, Mapping[str, Sequence[Speed]]]


@dataclass(frozen=True)
class Goal:
    """A figure and what it should be at least."""

    name: str
    least: float
    got: Figure


def lines(
    speeds: Speeds, starts: Mapping[str, Sequence[Start]], ceiling: Sequence[Result]
) -> Iterator[str]:
    """One line per goal."""
    yield f"\n{'goals':52} {'at least':>8} {'best':>7} {'median':>7}"
    for goal in _goals(speeds, starts, ceiling):
        verdict = "holds" if goal.got.median >= goal.least else "missed"
        if (goal.got.least >= goal.least) != (goal.got.median >= goal.least):
            verdict = "holds in one of the two"
        got = f"{goal.got.least:7.2f} {goal.got.median:7.2f}"
        yield f"{goal.name:52} {goal.least:8.2f} {got}  {verdict}"


def _goals(
    speeds: Speeds, starts: Mapping[str, Sequence[Start]], ceiling: Sequence[Result]
) -> Iterator[Goal]:
    small, large = speeds["224 px"], speeds["12 megapixels"]
    yield Goal("images/s × tutorial's, 224 px", 5, _faster(small))
    yield Goal("images/s × tutorial's, 12 megapixels", 6, _faster(large))
    yield Goal("CPU per image, best in full precision ÷ ours, 224 px", 4, _cheaper(small))
    first = report.figures(starts, lambda start: start.embedded)
    yield Goal("start to first vector, tutorial's ÷ ours", 8, first[BASELINE].over(first[OURS]))
    fastest = max((x for x in ceiling if x.layout.processes > 1), key=lambda x: x.encoder)
    share = Figure(fastest.share, fastest.median_share)
    yield Goal("encoder's share of the int8 ceiling, 2 processes", 0.85, share)


def _faster(speeds: Mapping[str, Sequence[Speed]]) -> Figure:
    wall = report.figures(speeds, lambda speed: speed.wall)
    return wall[BASELINE].over(wall[OURS])


def _cheaper(speeds: Mapping[str, Sequence[Speed]]) -> Figure:
    cpu = report.figures(speeds, lambda speed: speed.cpu)
    others = [cpu[name] for name in FULL_PRECISION]
    best = Figure(min(x.least for x in others), min(x.median for x in others))
    return best.over(cpu[OURS])
