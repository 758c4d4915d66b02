"""The Pinecone adapter: the only code that knows how records are stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pinecone import Index
from pinecone.errors.exceptions import (
    NotFoundError,
    PineconeError,
    PineconeTimeoutError,
    RateLimitError,
)

from image_search.errors import VectorIndexBusyError, VectorIndexError, VectorIndexTimeoutError

# Per attempt; the SDK makes up to four. Together they stay within the API's 30 seconds.
_TIMEOUT_SECONDS = 6.0
# The most ids that fit a URL of 8 kB, 32 digits and a separator each, with room to spare.
_FETCH_IDS = 100


@dataclass(frozen=True)
class Metadata:
    """What a record says of its image. Pinecone stores no nulls: what is None is left out."""

    key: str
    etag: str
    size: int
    width: int
    height: int
    content_type: str
    uploaded_at: int
    thumbhash: str
    taken_at: int | None = None


@dataclass(frozen=True)
class Record:
    """One indexed image."""

    vector: NDArray[np.float32]
    metadata: Metadata


@dataclass(frozen=True)
class Match:
    """A record found, with its cosine to the query."""

    metadata: Metadata
    score: float


def record_id(key: str) -> str:
    """The id of a key's record: 32 hex digits (Pinecone ids are ASCII and short, keys neither)."""
    return blake2b(key.encode(), digest_size=16).hexdigest()


class VectorIndex:
    """One namespace of a Pinecone index.

    Every method raises VectorIndexError, or its subclasses for a rate limit and a timeout.
    """

    def __init__(self, host: str, api_key: str, namespace: str) -> None:
        """Name it; nothing is called yet."""
        self._index = Index(host=host, api_key=api_key, timeout=_TIMEOUT_SECONDS)
        self._namespace = namespace

    def upsert(self, records: Sequence[Record]) -> None:
        """Store records, replacing those of the same key; at most 1,000 and 2 MB together."""
        vectors = [
            {
                "id": record_id(record.metadata.key),
                "values": record.vector.tolist(),
                "metadata": _stored(record.metadata),
            }
            for record in records
        ]
        with _translated():
            self._index.upsert(vectors=vectors, namespace=self._namespace)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete the records of these keys; a key without a record is no error."""
        with _translated(), _absent_is_fine():
            self._index.delete(ids=[record_id(key) for key in keys], namespace=self._namespace)

    def fetch(self, keys: Sequence[str]) -> dict[str, Metadata]:
        """What is stored of these keys, by key."""
        ids = [record_id(key) for key in keys]
        found: dict[str, Metadata] = {}
        for start in range(0, len(ids), _FETCH_IDS):
            for metadata in self._fetch(ids[start : start + _FETCH_IDS]):
                found[metadata.key] = metadata
        return found

    def _fetch(self, ids: list[str]) -> list[Metadata]:
        with _translated(), _absent_is_fine():
            answer = self._index.fetch(ids=ids, namespace=self._namespace)
            return [_metadata(vector.metadata) for vector in answer.vectors.values()]
        return []

    def near_vector(self, vector: NDArray[np.float32], top_k: int) -> list[Match]:
        """The records nearest to a unit vector (dimension,), best first."""
        return self._query(top_k, vector=vector.tolist())

    def near_key(self, key: str, top_k: int) -> list[Match]:
        """The records nearest to a key's own, best first, itself among them; [] without one."""
        return self._query(top_k, id=record_id(key))

    def _query(self, top_k: int, **query: Any) -> list[Match]:
        with _translated(), _absent_is_fine():
            answer = self._index.query(
                top_k=top_k, namespace=self._namespace, include_metadata=True, **query
            )
            return [Match(_metadata(match.metadata), match.score) for match in answer.matches]
        return []

    def count(self) -> int:
        """The number of records."""
        with _translated():
            namespaces = self._index.describe_index_stats().namespaces
        return namespaces[self._namespace].vector_count if self._namespace in namespaces else 0


def _stored(metadata: Metadata) -> dict[str, str | int]:
    return {name: value for name, value in asdict(metadata).items() if value is not None}


def _metadata(stored: Any) -> Metadata:
    """Pinecone returns every number as a float."""
    names = [field.name for field in fields(Metadata)]
    values = ((name, stored[name]) for name in names if name in stored)
    known: Any = {name: int(v) if isinstance(v, float) else v for name, v in values}
    return Metadata(**known)


@contextmanager
def _absent_is_fine() -> Iterator[None]:
    """A namespace exists from its first record on; before that Pinecone answers 404."""
    try:
        yield
    except NotFoundError:
        return


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RateLimitError as error:
        raise VectorIndexBusyError(str(error)) from error
    except PineconeTimeoutError as error:
        raise VectorIndexTimeoutError(str(error)) from error
    except PineconeError as error:
        raise VectorIndexError(str(error)) from error
