"""The one way to measure here: the candidates take turns, and each gets a new input every round.

Turns let a busy moment of the machine meet every candidate, so that ratios can be trusted where
absolute times cannot. New inputs keep a cache from answering. A figure is the best of the rounds,
which is the least disturbed one, and their median.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from tqdm import tqdm

# What each round gave, by candidate and quantity.
Results: TypeAlias = dict[str, dict[str, list[float]]]


class Figure(NamedTuple):
    """The best of several rounds and their median, in one unit; less is better."""

    best: float
    median: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Figure:
        """Summarise rounds."""
        values = list(values)
        return cls(min(values), statistics.median(values))

    def over(self, other: Figure) -> Figure:
        """The ratio of the best rounds, and that of the medians."""
        return Figure(self.best / other.best, self.median / other.median)

    def __format__(self, spec: str) -> str:
        return f"{self.best:{spec}} / {self.median:{spec}}"


def in_turns(
    candidates: Mapping[str, Callable[[int], Mapping[str, float]]], rounds: int
) -> Results:
    """The results of each candidate, which is called with the number of the round.

    A candidate makes its input from that number. Round 0 warms up and is left out.
    """
    results: Results = {name: {} for name in candidates}
    for number in tqdm(range(rounds + 1), "rounds", leave=False, disable=None):
        for name, run in candidates.items():
            for quantity, value in run(number).items():
                results[name].setdefault(quantity, []).append(value)
    return {
        name: {quantity: values[1:] for quantity, values in some.items()}
        for name, some in results.items()
    }


def print_results(
    title: str,
    results: Results,
    cell: Callable[[Sequence[float]], str] = lambda values: f"{Figure.of(values):.1f}",
) -> None:
    """Print a table with a row for each candidate."""
    head = ["", *next(iter(results.values()))]
    rows = {name: [*map(cell, quantities.values())] for name, quantities in results.items()}
    print(f"\n{title}\n\n{table(head, rows)}")


def table(head: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """A table in Markdown, as docs/ holds it; the first heading is that of the names."""
    body = (_row([name, *cells]) for name, cells in rows.items())
    return "\n".join([_row(head), "|---" * len(head) + "|", *body])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def keep_to_processors(count: int) -> None:
    """Keep this process and its children to so many processors, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def arguments(name: str, **defaults: Any) -> argparse.Namespace:
    """What a command was given of its options, which have the types of their defaults."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}")
    for option, default in defaults.items():
        parser.add_argument(f"--{option}", type=type(default), default=default)
    return parser.parse_args()
