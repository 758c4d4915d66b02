"""Writes the results of indexing: records, thumbnails, previews, rejections and the trash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from image_search.encoder import ImageEncoder
from image_search.errors import DeleteRefusedError, RejectedError, VectorIndexRefusedError
from image_search.pinecone_index import VectorIndex
from image_search.prepared import Prepared
from image_search.records import Record
from image_search.rejections import rejection_key, write_rejection
from image_search.s3 import Bucket
from image_search.s3_objects import ObjectInfo, Source
from image_search.thumbnails import preview_key, thumbnail_key, trashed_thumbnail_key

# Concurrent small requests, each of which only waits; S3's client has as many connections.
REQUESTS = 8


@dataclass(frozen=True)
class Outcome:
    """The result for one key."""

    state: Literal["indexed", "unchanged", "deleted", "rejected", "failed"]
    error: Exception | None = None
    """The cause of a rejection, which is permanent, or of a failure, which may be temporary."""


@dataclass(frozen=True)
class Look:
    """One key, the state in which its object was seen, and the resulting outcome."""

    key: str
    info: ObjectInfo | None
    outcome: Outcome
    prepared: Prepared | None = None


@dataclass(frozen=True)
class IndexWriter:
    """Writes to the thumbnails bucket and the index; no failure of one key affects the others."""

    thumbnails: Bucket
    vectors: VectorIndex
    encoder: ImageEncoder
    timed: Callable[[str], AbstractContextManager[object]]
    """Measures a stage: Embed or Upsert."""

    def write(self, looks: list[Look]) -> dict[str, Outcome]:
        """Write the results; returns the outcomes of the keys for which a write was refused.

        Outdated records and files are removed while the images are embedded.

        Raises:
            VectorIndexError: the index did not respond.
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
            writes = {
                item.metadata.key: pool.submit(self._write_thumbnail, item) for item in prepared
            }
            with self.timed("Embed"):
                vectors = self.encoder.embed(np.stack([item.pixels for item in prepared]))
        errors = _errors(writes)
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
            return _each({it.metadata.key: partial(self.vectors.upsert, [it]) for it in records})
        return {}

    def _write_thumbnail(self, item: Prepared) -> None:
        key, source = item.metadata.key, Source(item.metadata.key, item.metadata.etag)
        self.thumbnails.write(thumbnail_key(key), item.thumbnail, "image/webp", source)
        if item.preview:
            self.thumbnails.write(preview_key(key), item.preview, "image/webp", source)

    def _reject(self, looks: list[Look]) -> dict[str, Exception]:
        return _each(
            {
                look.key: partial(write_rejection, self.thumbnails, look.info, look.outcome.error)
                for look in looks
                if look.info and isinstance(look.outcome.error, RejectedError)
            }
        )

    def _remove(self, looks: list[Look]) -> dict[str, Exception]:
        """Remove outdated records, thumbnails, previews and rejections."""
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
        """Move the thumbnails of deleted images to the trash, which a lifecycle rule empties.

        No URL of the distribution leads there, so that readers cannot see a deleted image.
        """
        return _each(
            {
                key: partial(self.thumbnails.move, thumbnail_key(key), trashed_thumbnail_key(key))
                for key in keys
            }
        )


def without_traceback(error: Exception) -> Exception:
    """The error without its frames, which would keep the image in memory until the batch ends."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _each(writes: Mapping[str, Callable[[], None]]) -> dict[str, Exception]:
    """Write for every key; the errors of those that were refused, by key."""
    with ThreadPoolExecutor(REQUESTS) as pool:
        return _errors({key: pool.submit(write) for key, write in writes.items()})


def _errors(writes: Mapping[str, Future[None]]) -> dict[str, Exception]:
    """The errors of writes by key: no failure of one key may stop the others of its batch."""
    errors: dict[str, Exception] = {}
    for key, write in writes.items():
        try:
            write.result()
        except Exception as error:
            errors[key] = without_traceback(error)
    return errors
