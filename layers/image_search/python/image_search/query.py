"""What is asked: terms, and their sum as one vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_search.errors import TermsCancelError
from image_search.filters import ANY, Filter
from image_search.preprocess import Crop

# Vectors of one model share a direction, so that even opposite meanings leave more than this.
# Below it a sum is rounding: its direction means nothing.
_LEAST_LENGTH = 1e-3


@dataclass(frozen=True)
class Words:
    """A text."""

    text: str
    weight: float = 1


@dataclass(frozen=True)
class Stored:
    """An image of the bucket, or a part of it."""

    key: str
    weight: float = 1
    crop: Crop | None = None


@dataclass(frozen=True)
class Inline:
    """A picture that is not stored, or a part of it."""

    image: bytes
    weight: float = 1
    crop: Crop | None = None


Term: TypeAlias = Words | Stored | Inline
Sort = Literal["score", "uploaded_at", "taken_at"]


@dataclass(frozen=True)
class Position:
    """Where in the ranking the next page begins."""

    rank: int
    """Matches before it."""
    best_score: float
    """Of the whole ranking."""


@dataclass(frozen=True)
class Query:
    """Terms, which images may be found, how many and in what order."""

    terms: tuple[Term, ...]
    filter: Filter = ANY
    top_k: int = 24
    position: Position | None = None
    """None begins with the best match."""
    min_score: float | None = None
    """The least cosine."""
    relative: float | None = None
    """The least part of the best score."""
    sort: Sort = "score"
    """Of the matches that are returned; the best are chosen by score."""
    collapse: bool = False
    """Fold matches that are the same picture as a better one."""

    @property
    def start(self) -> int:
        """Matches before this page."""
        return self.position.rank if self.position else 0

    @property
    def keys(self) -> tuple[str, ...]:
        """The selected keys."""
        return tuple(term.key for term in self.terms if isinstance(term, Stored))


def combine(vectors: Sequence[NDArray[np.float32]], terms: Sequence[Term]) -> NDArray[np.float32]:
    """The weighted sum of unit vectors (dimension,), scaled to length 1.

    Arithmetic on embeddings that share a space: https://arxiv.org/abs/1301.3781 for words.

    Raises:
        TermsCancelError: nothing is left of the sum.
    """
    weights = np.array([term.weight for term in terms], np.float64)
    total = weights @ np.stack(vectors)
    length = np.linalg.norm(total)
    if length < _LEAST_LENGTH * np.abs(weights).sum():
        raise TermsCancelError
    return (total / length).astype(np.float32)
