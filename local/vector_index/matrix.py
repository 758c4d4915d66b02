"""The records of one namespace in memory, scored by one matrix product."""

from collections.abc import Callable, Sequence
from threading import RLock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .columns import Columns, Filter

Vector = NDArray[np.float32]
Rows = NDArray[np.intp]

FIRST_CAPACITY = 64  # rows; doubles when full, so n puts copy fewer than 2n rows
# Above this share of the rows, scoring all of them is faster than gathering the accepted ones.
GATHERED_SHARE = 0.25


class Record(NamedTuple):
    """What is stored under an id; `values` is float32 of the index's dimension."""

    id: str
    values: Vector
    metadata: bytes
    """A JSON object."""


class Match(NamedTuple):
    """A record found by a query, with its score."""

    record: Record
    score: float


class Matrix:
    """Records by id, their vectors in rows without holes. Every method may be called by any thread.

    A query holds the lock while it scores, a change while it writes to memory. The store commits a
    change to the database before, without the lock.
    """

    def __init__(self, dimension: int, capacity: int = FIRST_CAPACITY) -> None:
        """Start empty, for vectors of `dimension` values."""
        self._lock = RLock()
        self._rows: dict[str, int] = {}
        self._ids: list[str] = []
        self._sorted: list[str] | None = None
        self._metadata: list[bytes] = []
        self._columns = Columns(self._metadata)
        self._vectors: Vector = np.empty((capacity, dimension), np.float32)
        self._norms: Vector = np.empty(capacity, np.float32)

    def __len__(self) -> int:
        """The number of records."""
        return len(self._ids)

    def ids(self) -> list[str]:
        """Every id, sorted, as pages list them. The caller must not change the list."""
        with self._lock:
            if self._sorted is None:
                self._sorted = sorted(self._ids)
            return self._sorted

    def get(self, record_id: str) -> Record | None:
        """The record stored under the id."""
        with self._lock:
            row = self._rows.get(record_id)
            return None if row is None else self._record(row)

    def matching(self, accept: Filter) -> list[Record]:
        """Records whose metadata the filter accepts, sorted by id."""
        with self._lock:
            rows = np.flatnonzero(accept(self._columns)).tolist()
            return sorted((self._record(row) for row in rows), key=lambda record: record.id)

    def put(self, records: Sequence[Record]) -> None:
        """Add records, or replace those with their ids."""
        with self._lock:
            rows = [self._row(record) for record in records]
            if rows:
                self._vectors[rows] = values = np.stack([record.values for record in records])
                self._norms[rows] = np.linalg.norm(values, axis=1)

    def extend(self, ids: Sequence[str], values: Vector, metadata: Sequence[bytes]) -> None:
        """Add records with new ids and values (ids, dimension), for which there is capacity."""
        rows = range(len(self), len(self) + len(ids))
        self._rows.update(zip(ids, rows, strict=True))
        self._ids += ids
        self._sorted = None
        self._metadata += metadata
        self._vectors[rows.start : rows.stop] = values
        self._norms[rows.start : rows.stop] = np.linalg.norm(values, axis=1)

    def _row(self, record: Record) -> int:
        """Write the metadata of a record, and return its row, which still lacks the vector."""
        row = self._rows.setdefault(record.id, len(self._ids))
        if row == len(self._ids):
            self._append(record.id)
        self._metadata[row] = record.metadata
        self._columns.set(row, record.metadata)
        return row

    def remove(self, ids: Sequence[str]) -> None:
        """Remove the records that exist among the ids."""
        with self._lock:
            for record_id in ids:
                self._remove(record_id)

    def _remove(self, record_id: str) -> None:
        """Remove a record, and move the last row into its place."""
        row = self._rows.pop(record_id, None)
        if row is None:
            return
        self._sorted = None
        last = len(self._ids) - 1
        last_id, last_metadata = self._ids.pop(), self._metadata.pop()
        if row != last:
            self._rows[last_id] = row
            self._ids[row], self._metadata[row] = last_id, last_metadata
            self._vectors[row], self._norms[row] = self._vectors[last], self._norms[last]
            self._columns.move(last, row)

    def search(self, query: Vector, metric: str, top_k: int, accept: Filter | None) -> list[Match]:
        """The best `top_k` records that the filter accepts, best first."""
        with self._lock:
            rows = None if accept is None else np.flatnonzero(accept(self._columns))
            scores = self._scores(query, metric, rows)
            best = _best(-scores if metric == "euclidean" else scores, top_k)
            found = best if rows is None else rows[best]
            pairs = zip(found.tolist(), scores[best].tolist(), strict=True)
            return [Match(self._record(row), score) for row, score in pairs]

    def _scores(self, query: Vector, metric: str, rows: Rows | None) -> Vector:
        """The scores of these rows, or of all."""
        count = len(self)
        score = _METRICS[metric]
        if rows is not None and len(rows) <= GATHERED_SHARE * count:
            return score(self._vectors[rows], self._norms[rows], query)
        scores = score(self._vectors[:count], self._norms[:count], query)
        return scores if rows is None else scores[rows]

    def _append(self, record_id: str) -> None:
        if len(self._ids) == len(self._vectors):
            # `resize` copies; refcheck is off because nothing outside keeps a view of a row
            self._vectors.resize((2 * len(self._vectors), self._vectors.shape[1]), refcheck=False)
            self._norms.resize(2 * len(self._norms), refcheck=False)
        self._ids.append(record_id)
        self._sorted = None
        self._metadata.append(b"{}")

    def _record(self, row: int) -> Record:
        # a copy: the row may hold another record by the time the answer is written
        return Record(self._ids[row], self._vectors[row].copy(), self._metadata[row])


def _best(scores: Vector, top_k: int) -> Rows:
    """The positions of the highest scores, best first; equal scores keep their order."""
    if top_k < len(scores):
        least = np.partition(scores, len(scores) - top_k)[len(scores) - top_k]
        candidates = np.flatnonzero(scores >= least)
    else:
        candidates = np.arange(len(scores))
    best: Rows = candidates[np.argsort(-scores[candidates], kind="stable")][:top_k]
    return best


def _cosine(vectors: Vector, norms: Vector, query: Vector) -> Vector:
    """Cosines; a query of zeros has a score of 0 with every record."""
    length = np.linalg.norm(query)
    scores: Vector = vectors @ query / (norms * np.float32(length or 1))
    return scores


def _dotproduct(vectors: Vector, norms: Vector, query: Vector) -> Vector:
    return vectors @ query


def _euclidean(vectors: Vector, norms: Vector, query: Vector) -> Vector:
    """Squared distances, as the service scores; the smallest is the best."""
    scores: Vector = np.square(vectors - query).sum(axis=1)
    return scores


_METRICS: dict[str, Callable[[Vector, Vector, Vector], Vector]] = {
    "cosine": _cosine,
    "dotproduct": _dotproduct,
    "euclidean": _euclidean,
}
