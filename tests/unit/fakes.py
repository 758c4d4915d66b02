"""Fakes of a bucket, an index and a queue, in memory.

`watch` is called before each operation, so that a test can act concurrently. If `broken` is set,
each operation raises it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import orjson

from image_search.errors import DeleteRefusedError, ObjectChangedError, VectorIndexRefusedError
from image_search.pinecone_index import VectorIndex
from image_search.records import Record, record_id, stored_metadata
from image_search.s3 import Bucket
from image_search.s3_keys import storable
from image_search.s3_objects import ObjectInfo, Source
from image_search.uploads_queue import UploadsQueue
from local.vector_index.columns import Columns
from local.vector_index.filters import compile_filter

Watch = Callable[[str, str], None]


class Watched:
    """Counts operations and lets a test observe or break them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.watch: Watch = lambda operation, key: None
        self.broken: Exception | None = None

    def called(self, operation: str, key: str = "") -> None:
        self.calls.append((operation, key))
        self.watch(operation, key)
        if self.broken:
            raise self.broken

    def count_of(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.calls)


class FakeBucket(Bucket, Watched):
    """One bucket in memory."""

    def __init__(self, **objects: bytes) -> None:
        Bucket.__init__(self, "fake", client=cast(Any, self))
        Watched.__init__(self)
        self.data: dict[str, bytes] = {}
        self._infos: dict[str, ObjectInfo] = {}
        self._sources: dict[str, Source | None] = {}
        self.refused: set[str] = set()
        """Keys of the objects that may not be written or deleted."""
        self._clock = 1_700_000_000
        for key, data in objects.items():
            self.put(key, data)

    def put(self, key: str, data: bytes, source: Source | None = None) -> None:
        """Store an object, as another client would."""
        self._clock += 1
        self._sources[key] = source
        etag = hashlib.md5(data).hexdigest()
        self.data[key] = data
        self._infos[key] = ObjectInfo(key, etag, len(data), self._clock, version=str(self._clock))

    def remove(self, key: str) -> None:
        """Delete an object, as another client would."""
        for kept in (self.data, self._infos, self._sources):
            kept.pop(key, None)

    def disconnect(self) -> None:
        self.called("disconnect")

    def may_have(self, key: str) -> bool:
        return storable(key)

    def info(self, key: str) -> ObjectInfo | None:
        self.called("info", key)
        return self._infos.get(key)

    def read(self, info: ObjectInfo) -> bytes:
        self.called("read", info.key)
        present = self._infos.get(info.key)
        if present is None or present.etag != info.etag:
            raise ObjectChangedError(info.key)
        return self.data[info.key]

    def read_if_present(self, key: str) -> bytes | None:
        self.called("read_if_present", key)
        return self.data.get(key)

    def read_key(self, key: str) -> bytes:
        self.called("read_key", key)
        return self.data[key]

    def page(self, prefix: str, cursor: str, limit: int) -> tuple[list[ObjectInfo], str]:
        self.called("page", prefix)
        keys = [key for key in sorted(self.data) if key.startswith(prefix) and key > cursor]
        page = [self._infos[key] for key in keys[:limit]]
        return page, page[-1].key if len(keys) > limit else ""

    def folder_page(
        self, folder: str, cursor: str, limit: int
    ) -> tuple[list[ObjectInfo], list[str], str]:
        """All of a folder on one page."""
        self.called("folder_page", folder)
        rest = {key: key.removeprefix(folder) for key in sorted(self.data)}
        inside = {key: name for key, name in rest.items() if key.startswith(folder)}
        folders = {folder + name.split("/")[0] + "/" for name in inside.values() if "/" in name}
        return [self._infos[key] for key in inside if "/" not in inside[key]], sorted(folders), ""

    def write(self, key: str, data: bytes, content_type: str, source: Source | None = None) -> None:
        self.called("write", key)
        if key in self.refused:
            raise PermissionError(key)
        self.put(key, data, source)

    def source(self, key: str) -> Source | None:
        self.called("source", key)
        return self._sources.get(key)

    def delete(self, keys: list[str]) -> None:
        for key in keys:
            self.called("delete", key)
        for key in set(keys) - self.refused:
            self.remove(key)
        if refused := sorted(self.refused & set(keys)):
            raise DeleteRefusedError(refused, "AccessDenied")

    def delete_key(self, key: str) -> None:
        self.called("delete", key)
        self.remove(key)

    def move(self, key: str, target: str) -> None:
        self.called("move", key)
        if key in self.data:
            self.put(target, self.data[key], self._sources[key])
            self.remove(key)

    def generate_presigned_url(self, operation: str, Params: Any, ExpiresIn: int) -> str:
        """Sign as the client of the real bucket does."""
        self.called(operation, Params["Key"])
        return f"https://fake.example/{Params['Key']}?{Params.get('ContentLength', 'signature')}"


class FakeUploadsQueue(UploadsQueue, Watched):
    """The keys that were queued, in order; `take` lets a function have the first ones."""

    def __init__(self) -> None:
        UploadsQueue.__init__(self, "fake")
        Watched.__init__(self)
        self.keys: list[str] = []
        self.taken = 0

    def put(self, keys: Iterable[str]) -> int:
        keys = list(keys)
        for key in keys:
            self.called("put", key)
        self.keys += keys
        return len(keys)

    def take(self, count: int) -> None:
        self.taken = min(len(self.keys), self.taken + count)

    def waiting(self) -> int:
        self.called("waiting")
        return len(self.keys) - self.taken


class FakeVectorIndex(VectorIndex, Watched):
    """The real adapter of one namespace, whose requests are answered from `records`."""

    def __init__(self, *records: Record) -> None:
        VectorIndex.__init__(self, "https://fake.example", lambda: "any", "fake")
        Watched.__init__(self)
        self.records: dict[str, Record] = {}
        self.refused: set[str] = set()
        """Keys of the records that are refused, with all others of their request."""
        self.upsert(records)
        self.calls.clear()

    def upsert(self, records: Sequence[Record]) -> None:
        self.called("upsert")
        if self.refused & {record.metadata.key for record in records}:
            raise VectorIndexRefusedError("refused")
        self.records |= {record.metadata.key: record for record in records}

    def delete(self, keys: Sequence[str]) -> None:
        self.called("delete")
        for key in keys:
            self.records.pop(key, None)

    def drop(self) -> None:
        self.called("drop")
        self.records.clear()

    def count(self) -> int:
        self.called("count")
        return len(self.records)

    def _call(self, operation: Callable[..., Any], **arguments: Any) -> Any:
        name = operation.__name__
        self.called(name)
        stored = {record_id(key): record for key, record in list(self.records.items())}
        answers = {"fetch": _fetched, "query": _found, "list_paginated": _listed}
        return answers[name](stored, **arguments)


Stored = dict[str, Record]


def _fetched(stored: Stored, ids: Sequence[str]) -> Any:
    vectors = {id_: _sent(id_, stored[id_]) for id_ in ids if id_ in stored}
    return SimpleNamespace(vectors=vectors)


def _listed(stored: Stored, limit: int, pagination_token: str | None, prefix: str = "") -> Any:
    ids = sorted(id_ for id_ in stored if id_.startswith(prefix) and id_ > (pagination_token or ""))
    following = SimpleNamespace(next=ids[limit - 1]) if len(ids) > limit else None
    vectors = [SimpleNamespace(id=id_) for id_ in ids[:limit]]
    return SimpleNamespace(vectors=vectors, pagination=following)


def _found(stored: Stored, top_k: int, filter: Any, include_values: bool = False, **by: Any) -> Any:
    if "id" in by and by["id"] not in stored:
        return SimpleNamespace(matches=[])
    near = stored[by["id"]].vector if "id" in by else np.asarray(by["vector"], np.float32)
    scores = {i: float(stored[i].vector @ near) for i in _accepted(stored, filter)}
    best = sorted(scores, key=lambda i: -scores[i])[:top_k]
    matches = [_sent(i, stored[i], score=scores[i], with_values=include_values) for i in best]
    return SimpleNamespace(matches=matches)


def _accepted(stored: Stored, wanted: Any) -> list[str]:
    """The ids of the records that a filter accepts, as the local index reads it."""
    accept = compile_filter(wanted)
    if accept is None:
        return list(stored)
    metadata = [orjson.dumps(stored_metadata(record.metadata)) for record in stored.values()]
    return [id_ for id_, good in zip(stored, accept(Columns(metadata)), strict=True) if good]


def _sent(id_: str, record: Record, score: float = 0, *, with_values: bool = True) -> Any:
    values = record.vector.tolist() if with_values else []
    metadata = stored_metadata(record.metadata)
    return SimpleNamespace(id=id_, values=values, metadata=metadata, score=score)
