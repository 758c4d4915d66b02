"""Keeps the index consistent with the objects of the images bucket.

An event is only a hint. The indexer reads the present state of the object, updates the index, and
reads the state again; if it has changed in the meantime, it repeats. So events may arrive twice,
late, out of order or concurrently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Literal

import numpy as np

from image_search.clutter import is_clutter
from image_search.encoder import ImageEncoder
from image_search.errors import (
    DeleteRefusedError,
    ObjectChangedError,
    RejectedError,
    TooManyBytesError,
    VectorIndexRefusedError,
)
from image_search.freshness import is_current
from image_search.pinecone_index import VectorIndex
from image_search.prepared import Prepared, prepare
from image_search.preprocess import MAX_IMAGE_BYTES
from image_search.records import Metadata, Record
from image_search.rejections import rejection_key, write_rejection
from image_search.s3 import Bucket, ObjectInfo, Source
from image_search.thumbnails import (
    has_thumbnail,
    preview_key,
    thumbnail_key,
    trashed_thumbnail_key,
)
from image_search.writes import REQUESTS, each, errors_of, without_traceback

# Two objects are read while another is decoded, which takes as long as to read one.
_WORKERS = 3
# Two of the largest images would not fit in memory: one takes up to 1.2 GB (WebP).
_DECODER = Lock()
# The queue retries an object that is replaced more often than this during one batch.
_PASSES = 5


@dataclass(frozen=True)
class Outcome:
    """The result for one key."""

    state: Literal["indexed", "unchanged", "deleted", "rejected", "failed"]
    error: Exception | None = None
    """The cause of a rejection, which is permanent, or of a failure, which may be temporary."""


@dataclass(frozen=True)
class _Look:
    """One key, the state in which its object was seen, and the resulting outcome."""

    key: str
    info: ObjectInfo | None
    outcome: Outcome
    prepared: Prepared | None = None


@dataclass(frozen=True)
class Indexer:
    """Keeps records and thumbnails consistent with the images bucket."""

    images: Bucket
    thumbnails: Bucket
    vectors: VectorIndex
    encoder: ImageEncoder
    heic: bool = True
    """Whether HEIC is decoded."""
    timed: Callable[[str], AbstractContextManager[object]] = nullcontext
    """Measures a stage: Decode, Embed or Upsert."""

    def reconcile(self, keys: Iterable[str]) -> dict[str, Outcome]:
        """Make the index consistent with the present objects of these keys.

        A failure of one key does not affect the others.

        Raises:
            VectorIndexError: the index did not respond; all keys may safely be retried.
        """
        wanted = set(keys)
        clutter = set(filter(is_clutter, wanted))
        outcomes = dict.fromkeys(clutter, Outcome("unchanged"))
        todo = sorted(wanted - clutter)
        known = todo
        for _ in range(_PASSES):
            looks = self._look_at(todo, known)
            refused = self._act_on(looks)
            outcomes |= {look.key: look.outcome for look in looks} | refused
            todo = self._changed_since(looks)
            if not todo:
                return outcomes
            known = []  # the index may not return yet what was just written
        error = ObjectChangedError(f"replaced during each of {_PASSES} passes")
        return outcomes | dict.fromkeys(todo, Outcome("failed", error))

    def _look_at(self, keys: list[str], known: list[str]) -> list[_Look]:
        """Look at the objects, while the index is asked for the records of the known ones."""
        with (
            self.timed("Decode"),
            ThreadPoolExecutor(1) as asking,
            ThreadPoolExecutor(_WORKERS) as pool,
        ):
            indexed = asking.submit(self.vectors.fetch, known)
            looks = list(pool.map(partial(self._look, indexed=indexed), keys))
        indexed.result()
        return looks

    def _look(self, key: str, indexed: Future[dict[str, Metadata]]) -> _Look:
        info = None
        try:
            info = self.images.info(key)
            if info is None:
                return _Look(key, None, Outcome("deleted"))
            metadata = indexed.result().get(key)
            if metadata and self._is_up_to_date(info, metadata):
                return _Look(key, info, Outcome("unchanged"))
            return _Look(key, info, Outcome("indexed"), self._prepare(info))
        except RejectedError as error:
            return _Look(key, info, Outcome("rejected", without_traceback(error)))
        # No failure of one key may stop the others of its batch.
        except Exception as error:
            return _Look(key, info, Outcome("failed", without_traceback(error)))

    def _is_up_to_date(self, info: ObjectInfo, metadata: Metadata) -> bool:
        """Whether the record and the thumbnail are those of the object.

        A late concurrent execution may have replaced or deleted the thumbnail alone.
        """
        return is_current(metadata, info) and has_thumbnail(self.thumbnails, metadata)

    def _prepare(self, info: ObjectInfo) -> Prepared:
        if info.size > MAX_IMAGE_BYTES:
            raise TooManyBytesError(info.size, MAX_IMAGE_BYTES)
        data = self.images.read(info)
        with _DECODER:
            return prepare(info, data, self.encoder, heic=self.heic)

    def _act_on(self, looks: list[_Look]) -> dict[str, Outcome]:
        """Write what was seen; the outcomes of the keys that S3 refused something of.

        What no longer holds is removed while the images are embedded.
        """
        with ThreadPoolExecutor(1) as pool:
            removing = pool.submit(lambda: self._reject(looks) | self._remove(looks))
            errors = self._store([look.prepared for look in looks if look.prepared])
        errors |= removing.result()
        return {key: Outcome("failed", error) for key, error in errors.items()}

    def _store(self, prepared: list[Prepared]) -> dict[str, Exception]:
        """Store thumbnails first, so that no record refers to a missing thumbnail."""
        if not prepared:
            return {}
        with ThreadPoolExecutor(REQUESTS) as pool:
            writes = {item.metadata.key: pool.submit(self._write, item) for item in prepared}
            with self.timed("Embed"):
                vectors = self.encoder.embed(np.stack([item.pixels for item in prepared]))
        errors = errors_of(writes)
        records = [
            Record(vector, item.metadata)
            for vector, item in zip(vectors, prepared, strict=True)
            if item.metadata.key not in errors
        ]
        if records:
            with self.timed("Upsert"):
                errors |= self._upsert(records)
        return errors

    def _upsert(self, records: list[Record]) -> dict[str, Exception]:
        """Store records at once, or one by one if the index refuses one of them."""
        try:
            self.vectors.upsert(records)
        except VectorIndexRefusedError:
            return each({it.metadata.key: partial(self.vectors.upsert, [it]) for it in records})
        return {}

    def _write(self, item: Prepared) -> None:
        key, source = item.metadata.key, Source(item.metadata.key, item.metadata.etag)
        self.thumbnails.write(thumbnail_key(key), item.thumbnail, "image/webp", source)
        if item.preview:
            self.thumbnails.write(preview_key(key), item.preview, "image/webp", source)

    def _reject(self, looks: list[_Look]) -> dict[str, Exception]:
        return each(
            {
                look.key: partial(write_rejection, self.thumbnails, look.info, look.outcome.error)
                for look in looks
                if look.info and isinstance(look.outcome.error, RejectedError)
            }
        )

    def _remove(self, looks: list[_Look]) -> dict[str, Exception]:
        """Remove what no longer holds: records, thumbnails, previews and rejections."""
        gone = [look.key for look in looks if look.outcome.state in ("deleted", "rejected")]
        if gone:
            self.vectors.delete(gone)
        errors = self._trash([look.key for look in looks if look.outcome.state == "deleted"])
        names = {name(key): key for key in gone for name in (thumbnail_key, preview_key)}
        names |= {
            rejection_key(look.key): look.key
            for look in looks
            if look.outcome.state not in ("rejected", "failed")
        }
        # An image that was replaced may have had a preview.
        names |= {
            preview_key(look.key): look.key
            for look in looks
            if look.prepared and not look.prepared.preview
        }
        try:
            self.thumbnails.delete(list(names))
        except DeleteRefusedError as error:
            errors |= dict.fromkeys((names[name] for name in error.keys), error)
        return errors

    def _trash(self, keys: list[str]) -> dict[str, Exception]:
        """Keep the thumbnails of deleted images for the trash, until a lifecycle rule ends them.

        No URL of the distribution leads there, so that a deleted image is gone for readers.
        """
        return each(
            {
                key: partial(self.thumbnails.move, thumbnail_key(key), trashed_thumbnail_key(key))
                for key in keys
            }
        )

    def _changed_since(self, looks: list[_Look]) -> list[str]:
        """The keys whose objects are no longer as they were seen."""
        with ThreadPoolExecutor(REQUESTS) as pool:
            changed = pool.map(self._has_changed, looks)
            return [
                look.key for look, has_changed in zip(looks, changed, strict=True) if has_changed
            ]

    def _has_changed(self, look: _Look) -> bool:
        if look.outcome.state == "failed":
            return isinstance(look.outcome.error, ObjectChangedError)
        return self.images.info(look.key) != look.info
