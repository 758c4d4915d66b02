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

from image_search.clutter import is_clutter
from image_search.decoding import MAX_IMAGE_BYTES
from image_search.encoder import ImageEncoder
from image_search.errors import ObjectChangedError, RejectedError, TooManyBytesError
from image_search.freshness import is_current
from image_search.index_writer import REQUESTS, IndexWriter, Look, Outcome, without_traceback
from image_search.pinecone_index import VectorIndex
from image_search.prepared import Prepared, prepare
from image_search.records import Metadata
from image_search.s3 import Bucket
from image_search.s3_objects import ObjectInfo
from image_search.thumbnails import has_thumbnail

# Two objects are read while another is decoded, which takes as long as to read one.
_WORKERS = 3
# Two of the largest images would not fit in memory: one takes up to 1.2 GB (WebP).
_DECODER = Lock()
# The queue retries an object that is replaced more often than this during one batch.
_PASSES = 5


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
        writer = IndexWriter(self.thumbnails, self.vectors, self.encoder, self.timed)
        for _ in range(_PASSES):
            looks = self._look_at(todo, known)
            refused = writer.write(looks)
            outcomes |= {look.key: look.outcome for look in looks} | refused
            todo = self._changed_since(looks)
            if not todo:
                return outcomes
            known = []  # the index may not return yet what was just written
        error = ObjectChangedError(f"replaced during each of {_PASSES} passes")
        return outcomes | dict.fromkeys(todo, Outcome("failed", error))

    def _look_at(self, keys: list[str], known: list[str]) -> list[Look]:
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

    def _look(self, key: str, indexed: Future[dict[str, Metadata]]) -> Look:
        info = None
        try:
            info = self.images.info(key)
            if info is None:
                return Look(key, None, Outcome("deleted"))
            metadata = indexed.result().get(key)
            if metadata and self._is_up_to_date(info, metadata):
                return Look(key, info, Outcome("unchanged"))
            return Look(key, info, Outcome("indexed"), self._prepare(info))
        except RejectedError as error:
            return Look(key, info, Outcome("rejected", without_traceback(error)))
        # No failure of one key may stop the others of its batch.
        except Exception as error:
            return Look(key, info, Outcome("failed", without_traceback(error)))

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

    def _changed_since(self, looks: list[Look]) -> list[str]:
        """The keys whose objects are no longer as they were seen."""
        with ThreadPoolExecutor(REQUESTS) as pool:
            changed = pool.map(self._has_changed, looks)
            return [
                look.key for look, has_changed in zip(looks, changed, strict=True) if has_changed
            ]

    def _has_changed(self, look: Look) -> bool:
        if look.outcome.state == "failed":
            return isinstance(look.outcome.error, ObjectChangedError)
        return self.images.info(look.key) != look.info
