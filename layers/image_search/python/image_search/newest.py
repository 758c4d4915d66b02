"""Images by the time of their upload, the newest first.

Pinecone sorts by similarity only. So a page asks for all images of a window of time, which grows
until it has enough of them, and shrinks where it has more than one response can carry.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from image_search.errors import CursorError
from image_search.filters import ANY, Filter
from image_search.pinecone_index import MAX_RANK, VectorIndex
from image_search.records import Metadata, record_id

# Matches with metadata that fit into the 4 MB of a response: a record has about 1 kB.
# https://docs.pinecone.io/reference/api/database-limits/operation-limits
_FULL = 1000
# The first window: a day.
_FIRST_SECONDS = 86_400
# Six windows, each eight times as long as the one before, reach from now to S3's beginning.
_GROWTH = 8
# Nothing is older: S3 opened on 2006-03-14, in epoch seconds.
_BEGINNING = 1_142_294_400
# A clock that is a little behind that of S3 hides no upload.
_AHEAD_SECONDS = 86_400
_CURSOR = re.compile(r"(\d{1,12})-([0-9a-f]{32})")


@dataclass(frozen=True, order=True)
class Place:
    """The place of an image in the order: images of the same second are ordered by id."""

    age: int
    """Minus the time of the upload, in epoch seconds."""
    id: str = ""

    @classmethod
    def of(cls, metadata: Metadata) -> Place:
        """The place of a record."""
        return cls(-metadata.uploaded_at, record_id(metadata.key))

    @classmethod
    def at(cls, cursor: str) -> Place:
        """The place that a cursor names.

        Raises:
            CursorError: it is not that of any page.
        """
        found = _CURSOR.fullmatch(cursor)
        if not found:
            raise CursorError("the cursor is not that of any page")
        return cls(-int(found[1]), found[2])

    def __str__(self) -> str:
        """The cursor."""
        return f"{-self.age}-{self.id}"


@dataclass(frozen=True)
class NewestFirst:
    """The indexed images in the order of their upload."""

    vectors: VectorIndex
    dimension: Callable[[], int]
    clock: Callable[[], float] = time.time

    def page(self, cursor: str, limit: int, wanted: Filter = ANY) -> tuple[list[Metadata], str]:
        """One page of the wanted images and the cursor of the next ("" at the end).

        Images that are uploaded, replaced or deleted between two pages neither hide nor repeat the
        others.

        Raises:
            CursorError: the cursor is not that of any page.
        """
        start = Place.at(cursor) if cursor else Place(-int(self.clock()) - _AHEAD_SECONDS)
        found: list[Metadata] = []
        for images in self._windows(-start.age + 1, limit, wanted):
            found += sorted((i for i in images if Place.of(i) > start), key=Place.of)
            if len(found) > limit:
                return found[:limit], str(Place.of(found[limit - 1]))
        return found, ""

    def _windows(self, end: int, limit: int, wanted: Filter) -> Iterator[list[Metadata]]:
        """The wanted images of one window after the other, back from `end` (exclusive).

        A window that is too full is halved. It holds more than a page, so that all further windows
        of this page lie in it and grow carefully.
        """
        end = min(end, wanted.uploaded_before or end)
        beginning = max(_BEGINNING, wanted.uploaded_after or _BEGINNING)
        length, growth = _FIRST_SECONDS, _GROWTH
        while end > beginning:
            start = max(beginning, end - length)
            window = replace(wanted, uploaded_after=start, uploaded_before=end)
            images = self._within(window)
            if len(images) >= _FULL:
                if length > 1:
                    length, growth = length // 2, 2
                    continue
                images = self._all_within(window)
            yield images
            end = start
            if len(images) <= limit:
                length *= growth

    def _within(self, window: Filter) -> list[Metadata]:
        return [match.metadata for match in self.vectors.near_vector(self._any, _FULL, window)]

    def _all_within(self, second: Filter) -> list[Metadata]:
        """The images of one second, up to the 10,000 that a query ranks; S3 takes 3,500 writes."""
        ranked = self.vectors.rank(self._any, MAX_RANK, second)
        return list(self.vectors.fetch_ids([found.id for found in ranked]).values())

    @property
    def _any(self) -> NDArray[np.float32]:
        """A constant unit vector: all images that pass the filter are wanted, in any order."""
        axis: NDArray[np.float32] = np.eye(1, self.dimension(), dtype=np.float32)[0]
        return axis
