"""A map of the collection: images placed by the similarity of their vectors."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from image_search.deadline import require
from image_search.pinecone_index import VectorIndex
from image_search.records import Metadata
from image_search.tsne import tsne

# A screen has no use for more points; reading and placing these takes about 3 s.
MAX_POINTS = 2000
# A replaced image, which leaves the number of images unchanged, appears after this time.
_CACHE_SECONDS = 600
_PLACING_SECONDS = 5


@dataclass(frozen=True)
class Point:
    """An image and its position, from 0 to 1 in both directions."""

    metadata: Metadata
    x: float
    y: float


@dataclass(frozen=True)
class CollectionMap:
    """Images placed so that similar ones are near each other."""

    points: tuple[Point, ...]
    total: int
    """Number of images in the index."""

    @property
    def sampled(self) -> bool:
        """Whether the points are a random sample rather than all images."""
        return self.total > MAX_POINTS

    def within(self, folder: str) -> CollectionMap:
        """Only the images in a folder, at the same positions."""
        return CollectionMap(
            tuple(p for p in self.points if p.metadata.key.startswith(folder)), self.total
        )


@dataclass
class CollectionMapper:
    """Computes the map of one namespace and caches it while the number of images stays the same.

    The cache is in memory only: anonymous callers reach this function, so it must not write, and
    a process without a map computes one within seconds.
    """

    vectors: VectorIndex
    clock: Callable[[], float] = time.monotonic
    _cached: CollectionMap | None = field(default=None, init=False)
    _computed_at: float = field(default=0, init=False)

    def map(self) -> CollectionMap:
        """The map, at most ten minutes old.

        Raises:
            VectorIndexError: the index did not answer.
        """
        total = self.vectors.count()
        cached = self._cached
        if (
            cached is None
            or cached.total != total
            or self.clock() >= self._computed_at + _CACHE_SECONDS
        ):
            cached = self._cached = self._compute(total)
            self._computed_at = self.clock()
        return cached

    def _compute(self, total: int) -> CollectionMap:
        # The map depends on the order of its images, which the index does not define.
        records = sorted(self.vectors.sample(MAX_POINTS), key=lambda record: record.metadata.key)
        if not records:
            return CollectionMap((), total)
        require(_PLACING_SECONDS)
        positions = tsne(np.stack([record.vector for record in records])).tolist()
        pairs = zip(records, positions, strict=True)
        return CollectionMap(tuple(Point(record.metadata, x, y) for record, (x, y) in pairs), total)
