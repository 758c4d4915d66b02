"""The index to a map of the collection."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from image_search.pinecone_index import Metadata, VectorIndex
from image_search.tsne import layout

# More points are no use on a screen; reading and placing these takes the function about 3 s.
MAX_POINTS = 2000
# A changed picture of the same number of images is seen after this long.
_KEPT_SECONDS = 600


@dataclass(frozen=True)
class Point:
    """An image and its place, from 0 to 1 in both directions."""

    metadata: Metadata
    x: float
    y: float


@dataclass(frozen=True)
class Map:
    """Images placed so that alike ones are near each other."""

    points: tuple[Point, ...]
    total: int
    """Images in the index."""

    @property
    def sampled(self) -> bool:
        """Whether the points are a fair sample, not all images."""
        return self.total > MAX_POINTS

    def within(self, prefix: str) -> Map:
        """The points whose keys begin with a prefix, in the same places."""
        return Map(tuple(p for p in self.points if p.metadata.key.startswith(prefix)), self.total)


@dataclass
class Mapper:
    """Draws the map of one namespace, and keeps it while the number of images stays the same.

    It is kept in this process, nowhere else: strangers call the function, so it may not write, and
    a process that has no map yet needs seconds for one, not minutes.
    """

    vectors: VectorIndex
    clock: Callable[[], float] = time.monotonic
    _kept: Map | None = field(default=None, init=False)
    _drawn_at: float = field(default=0, init=False)

    def map(self) -> Map:
        """The map, at most ten minutes old.

        Raises:
            VectorIndexError: the index did not answer.
        """
        total = self.vectors.count()
        kept = self._kept
        if kept is None or kept.total != total or self.clock() >= self._drawn_at + _KEPT_SECONDS:
            kept = self._kept = self._draw(total)
            self._drawn_at = self.clock()
        return kept

    def _draw(self, total: int) -> Map:
        # A map depends on the order of its images, and the index answers in any.
        records = sorted(self.vectors.sample(MAX_POINTS), key=lambda record: record.metadata.key)
        if not records:
            return Map((), total)
        places = layout(np.stack([record.vector for record in records])).tolist()
        pairs = zip(records, places, strict=True)
        return Map(tuple(Point(record.metadata, x, y) for record, (x, y) in pairs), total)
