"""A query: its terms, and their weighted sum as one vector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_search.decoding import Crop
from image_search.errors import TermsCancelError
from image_search.filters import ANY, Filter
from image_search.ranking import Position

# Vectors of one model share a direction, so even opposite meanings leave more than this. The
# direction of a shorter sum is only rounding.
_LEAST_LENGTH = 1e-3


@dataclass(frozen=True)
class Words:
    """A text."""

    text: str
    weight: float = 1


@dataclass(frozen=True)
class Stored:
    """A stored image, or a part of it."""

    key: str
    weight: float = 1
    crop: Crop | None = None


@dataclass(frozen=True)
class Inline:
    """An image that is not stored, or a part of it."""

    image: bytes
    weight: float = 1
    crop: Crop | None = None

    @cached_property
    def digest(self) -> str:
        """A digest of the image, by which equal ones are known."""
        return blake2b(self.image).hexdigest()


Term: TypeAlias = Words | Stored | Inline
Sort = Literal["score", "uploaded_at", "taken_at"]


@dataclass(frozen=True)
class Query:
    """Terms, and the selection and order of the matches."""

    terms: tuple[Term, ...]
    filter: Filter = ANY
    top_k: int = 24
    position: Position | None = None
    """None for the first page."""
    min_score: float | None = None
    """Minimum cosine."""
    relative: float | None = None
    """Minimum fraction of the best score."""
    sort: Sort = "score"
    """Order within the page; the matches are always selected by score."""
    collapse: bool = False
    """Group duplicates under the better match."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the terms."""
        return tuple(term.key for term in self.terms if isinstance(term, Stored))


def combine(vectors: Sequence[NDArray[np.float32]], terms: Sequence[Term]) -> NDArray[np.float32]:
    """The weighted sum of unit vectors (dimension,), scaled to length 1.

    Arithmetic on embeddings that share a space: https://arxiv.org/abs/1301.3781 for words.

    Raises:
        TermsCancelError: the terms cancel each other out.
    """
    weights = np.array([term.weight for term in terms], np.float64)
    total = weights @ np.stack(vectors)
    length = np.linalg.norm(total)
    if length < _LEAST_LENGTH * np.abs(weights).sum():
        raise TermsCancelError
    return (total / length).astype(np.float32)
