"""The meaning of scores: CLIP's cosines of words are 0.2 to 0.35, those of images 0.5 to 1."""

from __future__ import annotations

from collections.abc import Sequence

from image_search.bundle import ScoreRange, Scores
from image_search.query import Term, Words


def range_of(terms: Sequence[Term], scores: Scores) -> ScoreRange:
    """The range of a query's scores: that of words, unless an image is searched for too."""
    wanted = [term for term in terms if term.weight > 0]
    return scores.words if all(isinstance(term, Words) for term in wanted) else scores.images


def strength(score: float, measured: ScoreRange) -> float:
    """A score from 0 (that of unrelated images) to 1 (that of the best matches, or higher)."""
    share = (score - measured.unrelated) / max(measured.best - measured.unrelated, 1e-6)
    return min(1.0, max(0.0, share))
