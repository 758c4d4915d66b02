"""The Pinecone adapter: the only code that knows how records are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray
from pinecone import (
    DescribeIndexStatsResponse,
    FetchResponse,
    Index,
    ListResponse,
    QueryResponse,
    UpsertResponse,
)

from image_search.deadline import Pool, bounded
from image_search.filters import ANY, Filter
from image_search.pinecone_errors import missing_is_empty, translated
from image_search.ranking import Ranked
from image_search.records import Match, Metadata, Record, metadata_of, record_id, stored_metadata

T = TypeVar("T")
# Per attempt; the SDK makes up to four.
_TIMEOUT_SECONDS = 3.0
# The best matches that a query can rank. https://docs.pinecone.io/reference/api/database-limits
MAX_RANK = 10_000
# As many ids, 33 characters each with the separator, fit easily into a URL of 8 kB.
_FETCH_IDS = 100
_NAMESPACE_CHARACTERS = 512
# Concurrent fetches; each response has about 1 MB.
_FETCHES = 8
# The types that the SDK decodes with msgspec, which crashes if two threads use one for the first
# time together.
_RESPONSES = (
    DescribeIndexStatsResponse,
    FetchResponse,
    ListResponse,
    QueryResponse,
    UpsertResponse,
)


def namespace(images_bucket: str, bundle: str, prefix: str = "") -> str:
    """The namespace of the images of one bucket, or of a part of it, as one bundle sees them.

    Stacks may share an index, a bundle and even a bucket. No name of a bucket has an underscore.

    Raises:
        ValueError: Pinecone would refuse it: a namespace has at most 512 characters of ASCII.
            https://docs.pinecone.io/reference/api/database-limits
    """
    part = f"{record_id(prefix)}_" if prefix else ""  # a prefix may be long, and not ASCII
    name = f"{images_bucket}_{part}{bundle}"
    if not name.isascii() or len(name) > _NAMESPACE_CHARACTERS:
        raise ValueError(f"{name!r} is no namespace: choose a shorter name in ASCII for the bundle")
    return name


def _vector(values: Sequence[float]) -> NDArray[np.float32] | None:
    """The values as an array; Pinecone leaves them empty if the query did not ask for them."""
    return np.array(values, np.float32) if values else None


class VectorIndex:
    """One namespace of a Pinecone index.

    Every method raises VectorIndexError, or its subclasses for a rate limit and a timeout.
    """

    def __init__(self, host: str, api_key: Callable[[], str], namespace: str) -> None:
        """Remember where the namespace is; no request is sent yet."""
        self._host, self._api_key, self._namespace = host, api_key, namespace
        self._connection: tuple[str, Index] | None = None
        self._connecting = Lock()

    @property
    def _index(self) -> Index:
        """The connection. The API key is read for each request, so that a rotation takes effect."""
        key = self._api_key()
        with self._connecting:  # otherwise threads that begin together would create one each
            connection = self._connection
            if connection is None or connection[0] != key:
                for response in _RESPONSES:
                    msgspec.json.Decoder(response)  # prepares the type
                index = Index(host=self._host, api_key=key, timeout=_TIMEOUT_SECONDS)
                connection = self._connection = key, index
            return connection[1]

    def disconnect(self) -> None:
        """Drop the connection and the API key; the next request creates new ones."""
        self._connection = None

    def upsert(self, records: Sequence[Record]) -> None:
        """Store records, replacing those of the same key; at most 1,000 and 2 MB together."""
        vectors = [
            {
                "id": record_id(record.metadata.key),
                "values": record.vector.tolist(),
                "metadata": stored_metadata(record.metadata),
            }
            for record in records
        ]
        with translated():
            self._call(Index.upsert, vectors=vectors)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete the records of these keys; keys without a record are ignored."""
        with translated(), missing_is_empty():
            self._call(Index.delete, ids=[record_id(key) for key in keys])

    def drop(self) -> None:
        """Delete all records, and with them the namespace."""
        with translated(), missing_is_empty():
            self._call(Index.delete, delete_all=True)

    def fetch(self, keys: Sequence[str]) -> dict[str, Metadata]:
        """The metadata of the records of these keys, by key."""
        found = self.fetch_ids([record_id(key) for key in keys]).values()
        return {metadata.key: metadata for metadata in found}

    def fetch_ids(self, ids: Sequence[str]) -> dict[str, Metadata]:
        """The metadata of the records with these ids, by id."""
        found = self._stored_vectors(ids)
        return {id_: metadata_of(vector.metadata) for id_, vector in found.items()}

    def page(self, prefix: str, cursor: str, limit: int) -> tuple[list[Metadata], str]:
        """At most 100 records whose ids begin with a prefix, and the next cursor ("" at the end).

        A record that is deleted in the meantime is left out.
        """
        page = self._id_page(prefix=prefix, limit=limit, pagination_token=cursor or None)
        if page is None:
            return [], ""
        following = page.pagination.next if page.pagination else None
        found = self.fetch_ids([item.id for item in page.vectors if item.id])
        return list(found.values()), following or ""

    def fetch_records(self, keys: Sequence[str]) -> dict[str, Record]:
        """The records of these keys, by key."""
        records = self._records([record_id(key) for key in keys])
        return {record.metadata.key: record for record in records}

    def _records(self, ids: list[str]) -> list[Record]:
        found = self._stored_vectors(ids)
        stored = (found[id_] for id_ in ids if id_ in found)
        return [Record(np.array(v.values, np.float32), metadata_of(v.metadata)) for v in stored]

    def _stored_vectors(self, ids: Sequence[str]) -> dict[str, Any]:
        """The stored vectors by id, in as many concurrent requests as they need."""
        parts = [list(ids[start : start + _FETCH_IDS]) for start in range(0, len(ids), _FETCH_IDS)]
        if len(parts) <= 1:
            return self._fetch_part(parts[0]) if parts else {}
        with Pool(_FETCHES) as pool:
            return {k: v for part in pool.map(self._fetch_part, parts) for k, v in part.items()}

    def _fetch_part(self, ids: list[str]) -> dict[str, Any]:
        with translated(), missing_is_empty():
            return dict(self._call(Index.fetch, ids=ids).vectors)
        return {}

    def near_key(self, key: str, limit: int, wanted: Filter = ANY) -> list[Match]:
        """The wanted records nearest to the record of a key, best first; [] if it has none.

        The record of the key is among them even if it does not pass the filter.
        """
        expression = wanted.expression()
        if expression:
            expression = {"$or": [{"key": {"$eq": key}}, expression]}
        return self._query(limit, expression, id=record_id(key))

    def near_vector(
        self,
        vector: NDArray[np.float32],
        limit: int,
        wanted: Filter = ANY,
        *,
        without: tuple[str, ...] = (),
        with_vectors: bool = False,
    ) -> list[Match]:
        """The wanted records nearest to a unit vector (dimension,), best first.

        Keys in `without` are excluded.
        """
        expression = wanted.expression(without=without)
        return self._query(limit, expression, vector=vector.tolist(), include_values=with_vectors)

    def rank(
        self,
        vector: NDArray[np.float32],
        limit: int,
        wanted: Filter = ANY,
        *,
        without: tuple[str, ...] = (),
    ) -> list[Ranked]:
        """Like `near_vector`, but ids and scores only, of at most MAX_RANK records.

        The metadata of thousands would exceed the 4 MB of a response.
        """
        found = self._ask(limit, wanted.expression(without=without), vector=vector.tolist())
        return [Ranked(m.id, m.score) for m in found]

    def matches(self, ranked: Sequence[Ranked]) -> list[Match]:
        """The matches of these ids and scores, with vectors, in the same order.

        Records that were deleted in the meantime are left out.
        """
        stored = self._stored_vectors([id_ for id_, _ in ranked])
        return [
            Match(metadata_of(stored[id_].metadata), score, _vector(stored[id_].values))
            for id_, score in ranked
            if id_ in stored
        ]

    def _query(self, limit: int, expression: dict[str, Any] | None, **query: Any) -> list[Match]:
        found = self._ask(limit, expression, include_metadata=True, **query)
        return [Match(metadata_of(m.metadata), m.score, _vector(m.values)) for m in found]

    def _ask(self, limit: int, expression: dict[str, Any] | None, **query: Any) -> list[Any]:
        with translated(), missing_is_empty():
            answer = self._call(Index.query, top_k=limit, filter=expression, **query)
            return list(answer.matches)
        return []

    def count(self) -> int:
        """The number of records."""
        with translated():
            namespaces = bounded(lambda: Index.describe_index_stats(self._index)).namespaces
        return namespaces[self._namespace].vector_count if self._namespace in namespaces else 0

    def sample(self, limit: int) -> list[Record]:
        """The records of at most `limit` images, the same ones on every call.

        They are the first by id. Ids are digests of keys, so this is a random sample.
        """
        with Pool(_FETCHES) as pool:
            pages = pool.map(self._records, self._first_ids(limit))
            return [record for page in pages for record in page]

    def _first_ids(self, limit: int) -> Iterator[list[str]]:
        """The first `limit` ids, in batches of the size that one request fetches."""
        token: str | None = None
        while limit > 0:
            page = self._id_page(limit=_FETCH_IDS, pagination_token=token)
            ids = [item.id for item in page.vectors[:limit] if item.id] if page else []
            yield ids
            limit -= len(ids)
            token = page.pagination.next if page and page.pagination else None
            if not token:
                return

    def _id_page(self, **listing: Any) -> Any:
        """One page of ids; None if the namespace does not exist."""
        with translated(), missing_is_empty():
            return self._call(Index.list_paginated, **listing)
        return None

    def _call(self, operation: Callable[..., T], **arguments: Any) -> T:
        """Call the SDK, which by itself would retry for longer than a request may take.

        It pauses between attempts as long as the index demands, at most 90 seconds.
        """
        return bounded(lambda: operation(self._index, namespace=self._namespace, **arguments))
