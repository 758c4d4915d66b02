"""The records of one namespace in memory, scored by one matrix product."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Metadata = dict[str, str | float | bool | list[str]]
Predicate = Callable[[Metadata], bool]

FIRST_CAPACITY = 64  # rows; doubles when full, so n puts copy fewer than 2n rows


class Record(NamedTuple):
    """What is stored under an id; `values` is float32 of the index's dimension."""

    id: str
    values: Vector
    metadata: Metadata


class Match(NamedTuple):
    """A record found by a query, with its score."""

    record: Record
    score: float


class Matrix:
    """Records by id, their vectors in rows without holes. Not thread-safe."""

    def __init__(self, dimension: int) -> None:
        """Start empty, for vectors of `dimension` values."""
        self._rows: dict[str, int] = {}
        self._ids: list[str] = []
        self._metadata: list[Metadata] = []
        self._vectors: Vector = np.empty((FIRST_CAPACITY, dimension), np.float32)
        self._norms: Vector = np.empty(FIRST_CAPACITY, np.float32)

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._ids)

    def ids(self) -> list[str]:
        """Every id, sorted: the order of all pages."""
        return sorted(self._ids)

    def get(self, record_id: str) -> Record | None:
        """The record stored under the id."""
        row = self._rows.get(record_id)
        return None if row is None else self._record(row)

    def matching(self, accept: Predicate) -> Iterator[Record]:
        """Records whose metadata the predicate accepts, by id."""
        rows = (self._rows[record_id] for record_id in self.ids())
        return (self._record(row) for row in rows if accept(self._metadata[row]))

    def put(self, record: Record) -> None:
        """Add the record, or replace the one with its id."""
        row = self._rows.setdefault(record.id, len(self._ids))
        if row == len(self._ids):
            self._append(record.id)
        self._vectors[row] = record.values
        self._norms[row] = np.linalg.norm(record.values)
        self._metadata[row] = record.metadata

    def remove(self, record_id: str) -> None:
        """Forget the record, if there is one; the last row moves into its place."""
        row = self._rows.pop(record_id, None)
        if row is None:
            return
        last = len(self._ids) - 1
        last_id, last_metadata = self._ids.pop(), self._metadata.pop()
        if row != last:
            self._rows[last_id] = row
            self._ids[row], self._metadata[row] = last_id, last_metadata
            self._vectors[row], self._norms[row] = self._vectors[last], self._norms[last]

    def search(
        self, query: Vector, metric: str, top_k: int, accept: Predicate | None
    ) -> list[Match]:
        """The best `top_k` records that the predicate accepts, best first."""
        count = len(self)
        scores = _METRICS[metric](self._vectors[:count], self._norms[:count], query)
        best_first = np.argsort(
            scores if metric == "euclidean" else -scores, kind="stable"
        ).tolist()
        accepted = (row for row in best_first if accept is None or accept(self._metadata[row]))
        return [Match(self._record(row), float(scores[row])) for row in islice(accepted, top_k)]

    def _append(self, record_id: str) -> None:
        if len(self._ids) == len(self._vectors):
            # resize copies; refcheck is off because nothing outside keeps a view of a row
            self._vectors.resize((2 * len(self._vectors), self._vectors.shape[1]), refcheck=False)
            self._norms.resize(2 * len(self._norms), refcheck=False)
        self._ids.append(record_id)
        self._metadata.append({})

    def _record(self, row: int) -> Record:
        # a copy: the row may hold another record by the time the answer is written
        return Record(self._ids[row], self._vectors[row].copy(), self._metadata[row])


def _cosine(vectors: Vector, norms: Vector, query: Vector) -> Vector:
    return vectors @ query / (norms * np.float32(np.linalg.norm(query)))


def _dotproduct(vectors: Vector, norms: Vector, query: Vector) -> Vector:
    return vectors @ query


def _euclidean(vectors: Vector, norms: Vector, query: Vector) -> Vector:
    """Squared distance, as the service scores it: the smallest is the best."""
    scores: Vector = np.square(vectors - query).sum(axis=1)
    return scores


_METRICS: dict[str, Callable[[Vector, Vector, Vector], Vector]] = {
    "cosine": _cosine,
    "dotproduct": _dotproduct,
    "euclidean": _euclidean,
}
