"""Make the index agree with objects.

An event is a hint, never the truth: read the object's present state, make the index agree, then
look again; if it changed meanwhile, repeat. So events may come twice, late, out of order, together.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from image_search import preprocess
from image_search.encoder import ImageEncoder
from image_search.errors import RejectedError, TooManyBytesError
from image_search.pinecone_index import (
    SCHEMA_VERSION,
    Metadata,
    Record,
    VectorIndex,
    record_id,
)
from image_search.s3 import Bucket, ObjectChangedError, ObjectInfo, Source
from image_search.thumbhash import thumbhash

# The tag of an object that can never be indexed; its value is `rejected:<reason>`.
TAG = "image-search"
REJECTED = "rejected:"
# One object is read while another is decoded.
_WORKERS = 2
# Two of the largest pictures would not fit in memory: one takes up to 1.2 GB (WebP).
_DECODER = Lock()
# An object that is replaced more often than this while one batch runs is left to the queue.
_PASSES = 5


@dataclass(frozen=True)
class Outcome:
    """What became of one key."""

    state: Literal["indexed", "unchanged", "deleted", "rejected", "failed"]
    error: Exception | None = None
    """Why it is rejected (for good) or failed (may succeed later)."""


@dataclass(frozen=True)
class _Prepared:
    """What the index and the thumbnails need of one picture."""

    pixels: NDArray[np.uint8]
    thumbnail: bytes
    metadata: Metadata


@dataclass(frozen=True)
class _Look:
    """One key, the state that its object was seen in, and what follows from it."""

    key: str
    info: ObjectInfo | None
    outcome: Outcome
    prepared: _Prepared | None = None


@dataclass(frozen=True)
class Indexer:
    """Keeps records and thumbnails consistent with the images bucket."""

    images: Bucket
    thumbnails: Bucket
    vectors: VectorIndex
    encoder: ImageEncoder
    timed: Callable[[str], AbstractContextManager[object]] = nullcontext
    """Measures a stage: Decode, Embed or Upsert."""

    def reconcile(self, keys: Iterable[str]) -> dict[str, Outcome]:
        """Make the index agree with the present objects of these keys; one bad key stops no other.

        Raises:
            VectorIndexError: the index did not answer; trying all keys again loses nothing.
        """
        outcomes: dict[str, Outcome] = {}
        todo = sorted(set(keys))
        indexed = self.vectors.fetch(todo)
        for _ in range(_PASSES):
            looks = self._look_at(todo, indexed)
            self._act_on(looks)
            outcomes |= {look.key: look.outcome for look in looks}
            todo = [look.key for look in looks if self._changed_since(look)]
            if not todo:
                return outcomes
            indexed = {}  # the index may not show yet what was just written
        changing = Outcome("failed", ObjectChangedError(f"replaced during each of {_PASSES} looks"))
        return outcomes | dict.fromkeys(todo, changing)

    def _look_at(self, keys: list[str], indexed: dict[str, Metadata]) -> list[_Look]:
        with self.timed("Decode"), ThreadPoolExecutor(_WORKERS) as pool:
            return list(pool.map(partial(self._look, indexed=indexed), keys))

    def _look(self, key: str, indexed: dict[str, Metadata]) -> _Look:
        info = None
        try:
            info = self.images.info(key)
            if info is None:
                return _Look(key, None, Outcome("deleted"))
            if key in indexed and self._agree(info, indexed[key]):
                return _Look(key, info, Outcome("unchanged"))
            return _Look(key, info, Outcome("indexed"), self._prepare(info))
        except RejectedError as error:
            return _Look(key, info, Outcome("rejected", _alone(error)))
        # Whatever goes wrong with one key must not stop the others of its batch.
        except Exception as error:
            return _Look(key, info, Outcome("failed", _alone(error)))

    def _agree(self, info: ObjectInfo, metadata: Metadata) -> bool:
        """Whether record and thumbnail are those of the object.

        The thumbnail too: a function that was late may have replaced or deleted it, and stopped.
        """
        return is_current(metadata, info) and has_thumbnail(self.thumbnails, metadata)

    def _prepare(self, info: ObjectInfo) -> _Prepared:
        if info.size > preprocess.MAX_IMAGE_BYTES:
            raise TooManyBytesError(info.size, preprocess.MAX_IMAGE_BYTES)
        data = self.images.read(info)
        with _DECODER:
            return self._decoded(info, data)

    def _decoded(self, info: ObjectInfo, data: bytes) -> _Prepared:
        picture = preprocess.decode(data)
        small = preprocess.thumbnail(picture.image)
        metadata = Metadata(
            key=info.key,
            etag=info.etag,
            size=info.size,
            width=picture.width,
            height=picture.height,
            content_type=picture.content_type,
            uploaded_at=info.uploaded_at,
            thumbhash=base64.b64encode(thumbhash(small)).decode(),
            taken_at=picture.taken_at,
        )
        return _Prepared(self.encoder.pixels(picture), preprocess.webp(small), metadata)

    def _act_on(self, looks: list[_Look]) -> None:
        self._store([look.prepared for look in looks if look.prepared])
        self._remove([look.key for look in looks if look.outcome.state in ("deleted", "rejected")])
        for look in looks:
            if look.info and isinstance(look.outcome.error, RejectedError):
                self.images.tag(look.info, TAG, REJECTED + look.outcome.error.reason)

    def _store(self, prepared: list[_Prepared]) -> None:
        """Thumbnails first: a record must never point at a thumbnail that is not there yet."""
        if not prepared:
            return
        with self.timed("Embed"):
            vectors = self.encoder.embed(np.stack([item.pixels for item in prepared]))
        for item in prepared:
            name = thumbnail_key(item.metadata.key)
            source = Source(item.metadata.key, item.metadata.etag)
            self.thumbnails.write(name, item.thumbnail, "image/webp", source)
        records = [
            Record(vector, item.metadata) for vector, item in zip(vectors, prepared, strict=True)
        ]
        with self.timed("Upsert"):
            self.vectors.upsert(records)

    def _remove(self, keys: list[str]) -> None:
        if keys:
            self.vectors.delete(keys)
            self.thumbnails.delete([thumbnail_key(key) for key in keys])

    def _changed_since(self, look: _Look) -> bool:
        if look.outcome.state in ("unchanged", "failed"):
            return isinstance(look.outcome.error, ObjectChangedError)
        return self.images.info(look.key) != look.info


def _alone(error: Exception) -> Exception:
    """Without the frames that it came through, which hold the picture until the batch ends."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def rejection(images: Bucket, key: str) -> str | None:
    """Why an object was rejected; None where it was not."""
    tag = images.tags(key).get(TAG, "")
    return tag.removeprefix(REJECTED) if tag.startswith(REJECTED) else None


def is_current(metadata: Metadata, info: ObjectInfo) -> bool:
    """Whether a record is that of the present object, and of the present schema version.

    The same bytes put again are a new object: the record of the old one may be going away.
    """
    present = (SCHEMA_VERSION, info.etag, info.uploaded_at)
    return (metadata.schema_version, metadata.etag, metadata.uploaded_at) == present


def has_thumbnail(thumbnails: Bucket, metadata: Metadata) -> bool:
    """Whether the thumbnail of a record is there, and made from the same object."""
    return thumbnails.source(thumbnail_key(metadata.key)) == Source(metadata.key, metadata.etag)


def thumbnail_key(key: str) -> str:
    """The key of an image's thumbnail in the thumbnails bucket, which is its path too."""
    return f"thumbs/{record_id(key)}.webp"
