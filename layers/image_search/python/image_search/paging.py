"""One page of what the index found: which matches it shows, and where the next one begins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from image_search import ranking
from image_search.duplicates import fold
from image_search.pinecone_index import MAX_RANK
from image_search.query import Query
from image_search.ranking import Position, Ranked
from image_search.records import Match

# Matches read to fill a page without duplicates; the vectors of more exceed a response's 4 MB.
_FOLDED_WINDOW = 250


@dataclass(frozen=True)
class Found:
    """What the index found for a page."""

    ranked: list[Ranked]
    """In order, without gaps; some may have been deleted since."""
    matches: dict[str, Match]
    """The records of the ranked ids, by id, for at least one page."""
    rank: int
    """Number of matches before the page."""
    ended: bool
    """Whether nothing is ranked lower."""


@dataclass(frozen=True)
class Page:
    """What a page shows."""

    matches: list[Match]
    duplicates: dict[str, list[Match]]
    """Duplicates that were left out of `matches`, by the key of the better match."""
    position: Position | None
    """End of this page, if another can follow; None beyond the last rank of the index."""
    more: bool
    """Whether further matches follow."""


def wanted(query: Query) -> int:
    """The number of matches to look at: one beyond the page shows whether more follow."""
    return (_FOLDED_WINDOW if query.collapse else query.top_k) + 1


def asked_for(query: Query) -> int:
    """The number of matches to ask for: one more shows whether its score equals the last one."""
    return min(wanted(query) + 1, MAX_RANK)


def whole(ranked: Sequence[Ranked], asked: int) -> list[Ranked]:
    """The matches in order, without a last group of equal scores that may be incomplete.

    The index ranks MAX_RANK matches at most, so that nothing is missing if it was asked for these.
    """
    return ranking.ordered(ranked) if asked == MAX_RANK else ranking.complete(ranked, asked)


def found_at_once(near: Sequence[Match], query: Query) -> Found | None:
    """The first page; None if too many matches have equal scores to know their order."""
    asked = asked_for(query)
    ranked = whole([match.ranked for match in near], asked)
    ended = len(near) < asked
    if not ended and len(ranked) < wanted(query):
        return None
    return Found(ranked, {match.ranked.id: match for match in near}, rank=0, ended=ended)


def page_of(found: Found, query: Query, threshold: float) -> Page:
    """Cut one page from what was found, which may reach beyond the page."""
    ranked = found.ranked
    best = query.position.best_score if query.position else (ranked[0].score if ranked else 0)
    least = _least_score(query, best)
    good = [match for match in ranked if match.score >= least]
    window = good[: wanted(query) - 1]
    matches = [found.matches[match.id] for match in window if match.id in found.matches]
    taken = len(window)
    duplicates: dict[str, list[Match]] = {}
    if query.collapse:
        listed, duplicates = fold(matches, query.top_k, threshold)
        folded = len(listed) + sum(map(len, duplicates.values()))
        if folded < len(matches):
            taken = window.index(matches[folded].ranked)
        matches = listed
    more = taken < len(good) or (len(good) == len(ranked) and not found.ended)
    rank = found.rank + taken
    position = (
        Position(window[taken - 1], rank, best) if more and taken and rank < MAX_RANK else None
    )
    return Page(_sorted(matches, query), duplicates, position, more)


def _least_score(query: Query, best: float) -> float:
    least = -math.inf if query.min_score is None else query.min_score
    if query.relative:  # a fraction of zero is no condition
        least = max(least, min(best, query.relative * best))  # a negative best score is a match
    return least


def _sorted(matches: list[Match], query: Query) -> list[Match]:
    """Sort by score, or by time with the newest first; images without a time come last."""
    if query.sort == "score":
        return matches
    return sorted(matches, key=lambda match: -(getattr(match.metadata, query.sort) or 0))
