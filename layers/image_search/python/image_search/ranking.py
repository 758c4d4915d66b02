"""The order of matches, and the place in it where a page ended.

Matches are ordered by score, and by id where scores are equal. A page ends with the last match
that it showed, not with a number of matches: deletions and additions before that match move
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# The same two vectors may have cosines that differ in the last bits of a float32, because an index
# adds up a block of vectors in another order than one vector. Closer scores count as equal.
_EQUAL = 1e-6


class Ranked(NamedTuple):
    """The id of a record and its cosine to the query."""

    id: str
    score: float


@dataclass(frozen=True)
class Position:
    """The end of a page in the ranking."""

    last: Ranked
    """The last match of the page; it may have been deleted before it could be shown."""
    rank: int
    """Number of matches up to it when it was shown, which determines the size of the next query."""
    best_score: float
    """The best score of the whole ranking."""


def ordered(found: Iterable[Ranked]) -> list[Ranked]:
    """Best first; matches of equal scores by id."""
    return [match for equals in _groups(found) for match in equals]


def complete(found: Sequence[Ranked], asked: int) -> list[Ranked]:
    """The ordered matches, without a last group of equal scores that may be incomplete.

    An index that found as many matches as were asked for may have left out some that equal the
    last one.
    """
    groups = _groups(found)
    if len(found) >= asked:
        groups = groups[:-1]
    return [match for equals in groups for match in equals]


def following(found: Sequence[Ranked], position: Position | None) -> list[Ranked]:
    """The matches after a position, in order, whether or not its last match is still there."""
    if position is None:
        return ordered(found)
    last = position.last
    others = ordered([*(match for match in found if match.id != last.id), last])
    return others[others.index(last) + 1 :]


def _groups(found: Iterable[Ranked]) -> list[list[Ranked]]:
    """Matches of equal scores, best first, each group sorted by id."""
    groups: list[list[Ranked]] = []
    previous = None
    for match in sorted(found, key=lambda match: -match.score):
        if previous is None or previous - match.score > _EQUAL:
            groups.append([])
        groups[-1].append(match)
        previous = match.score
    return [sorted(group) for group in groups]
