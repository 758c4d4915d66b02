"""An indexer on fakes, and its state."""

from __future__ import annotations

from numpy.typing import NDArray

from image_search.encoder import ImageEncoder
from image_search.indexing import Indexer
from image_search.rejections import rejection_of
from image_search.thumbnails import thumbnail_key
from tests.unit.fakes import FakeBucket, FakeVectorIndex


class World:
    """The buckets, the index and the indexer."""

    def __init__(self, encoder: ImageEncoder, **objects: bytes) -> None:
        self.images = FakeBucket(**objects)
        self.thumbnails = FakeBucket()
        self.vectors = FakeVectorIndex()
        self.indexer = Indexer(self.images, self.thumbnails, self.vectors, encoder)

    def states(self, *keys: str) -> dict[str, str]:
        """Reconcile; returns the state of each key."""
        return {key: outcome.state for key, outcome in self.indexer.reconcile(keys).items()}

    def indexed(self) -> dict[str, str]:
        """The etags of all records, by key."""
        return {key: record.metadata.etag for key, record in self.vectors.records.items()}

    def wanted(self, *keys: str) -> dict[str, str]:
        """The etags of the present objects of these keys."""
        return {key: info.etag for key in keys if (info := self.images.info(key))}

    def rejected(self, key: str) -> str | None:
        """The reason of a key's rejection, if it holds."""
        info = self.images.info(key)
        found = rejection_of(self.thumbnails, info) if info else None
        return found.reason if found else None

    def thumbnail_keys(self) -> set[str]:
        """The keys of all thumbnails outside the trash."""
        return {key for key in self.thumbnails.data if not key.startswith("trash/")}

    def has_thumbnail(self, key: str) -> bool:
        return thumbnail_key(key) in self.thumbnails.data


class RecordingEncoder(ImageEncoder):
    """Records the number of images of each run."""

    def embed(self, pixels: NDArray) -> NDArray:
        self.__dict__.setdefault("runs", []).append(len(pixels))
        return super().embed(pixels)
