"""Fakes of a bucket, an index and a queue, in memory, with the methods of the real ones.

`watch` is called before each operation, so that a test can act concurrently. If `broken` is set,
each operation raises it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from image_search.errors import DeleteRefusedError, ObjectChangedError, VectorIndexRefusedError
from image_search.filters import ANY, Filter
from image_search.pinecone_index import VectorIndex
from image_search.ranking import Ranked
from image_search.records import Match, Metadata, Record, record_id
from image_search.s3 import Bucket
from image_search.s3_keys import storable
from image_search.s3_objects import ObjectInfo, Source
from image_search.uploads_queue import UploadsQueue

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
        Bucket.__init__(self, "fake", client=cast(Any, None))
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

    def signed_url(self, key: str) -> str:
        self.called("signed_url", key)
        return f"https://fake.example/{key}?signature"

    def signed_put(
        self,
        key: str,
        content_type: str,
        size: int,
        replaced: ObjectInfo | None = None,
        sha256: str | None = None,
    ) -> tuple[str, dict[str, str]]:
        self.called("signed_put", key)
        condition = {"If-Match": replaced.etag} if replaced else {"If-None-Match": "*"}
        checksum = {"x-amz-checksum-sha256": sha256} if sha256 else {}
        headers = {"Content-Type": content_type} | condition | checksum
        return f"https://fake.example/{key}?{size}", headers


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
    """One namespace in memory."""

    def __init__(self, *records: Record) -> None:
        Watched.__init__(self)
        self.records: dict[str, Record] = {}
        self.refused: set[str] = set()
        """Keys of the records that are refused, with all others of their request."""
        self.upsert(records)
        self.calls.clear()

    def disconnect(self) -> None:
        self.called("disconnect")

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

    def fetch(self, keys: Sequence[str]) -> dict[str, Metadata]:
        self.called("fetch")
        return {key: self.records[key].metadata for key in keys if key in self.records}

    def fetch_ids(self, ids: Sequence[str]) -> dict[str, Metadata]:
        self.called("fetch_ids")
        by_id = {record_id(key): record.metadata for key, record in self.records.items()}
        return {id_: by_id[id_] for id_ in ids if id_ in by_id}

    def page(self, prefix: str, cursor: str, limit: int) -> tuple[list[Metadata], str]:
        self.called("page")
        of_prefix = (key for key in self.records if record_id(key).startswith(prefix))
        keys = sorted(key for key in of_prefix if key > cursor)
        page = keys[:limit]
        return [self.records[key].metadata for key in page], page[-1] if page != keys else ""

    def fetch_records(self, keys: Sequence[str]) -> dict[str, Record]:
        self.called("fetch_records")
        return {key: self.records[key] for key in keys if key in self.records}

    def near_vector(
        self,
        vector: NDArray[np.float32],
        limit: int,
        wanted: Filter = ANY,
        *,
        without: tuple[str, ...] = (),
        with_vectors: bool = False,
    ) -> list[Match]:
        self.called("near_vector")
        found = self._near(vector, wanted, None, without)[:limit]
        return found if with_vectors else [replace(match, vector=None) for match in found]

    def rank(
        self,
        vector: NDArray[np.float32],
        limit: int,
        wanted: Filter = ANY,
        *,
        without: tuple[str, ...] = (),
    ) -> list[Ranked]:
        self.called("rank")
        return [match.ranked for match in self._near(vector, wanted, None, without)[:limit]]

    def matches(self, ranked: Sequence[Ranked]) -> list[Match]:
        self.called("matches")
        by_id = {record_id(key): record for key, record in self.records.items()}
        return [
            Match(by_id[id_].metadata, score, by_id[id_].vector)
            for id_, score in ranked
            if id_ in by_id
        ]

    def near_key(self, key: str, limit: int, wanted: Filter = ANY) -> list[Match]:
        self.called("near_key", key)
        if key not in self.records:
            return []
        near = self._near(self.records[key].vector, wanted, key)[:limit]
        return [replace(match, vector=None) for match in near]

    def count(self) -> int:
        self.called("count")
        return len(self.records)

    def sample(self, limit: int) -> list[Record]:
        self.called("sample")
        return [self.records[key] for key in sorted(self.records, key=record_id)[:limit]]

    def _near(
        self,
        vector: NDArray[np.float32],
        wanted: Filter,
        but: str | None,
        without: tuple[str, ...] = (),
    ) -> list[Match]:
        """Only the folder filter is implemented; the others are tested on the real index."""
        found = [
            Match(r.metadata, float(r.vector @ vector), r.vector)
            for r in self.records.values()
            if (r.metadata.key.startswith(wanted.folder) or r.metadata.key == but)
            and r.metadata.key not in without
        ]
        return sorted(found, key=lambda match: -match.score)
