"""The composition of a function: its adapters and models, made from its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from image_search.bundle import Bundle, load
from image_search.collection_map import CollectionMapper
from image_search.consistency import ConsistencyChecker
from image_search.downloads import Downloads
from image_search.duplicates import DuplicateFinder
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.gallery import Gallery
from image_search.indexing import Indexer
from image_search.newest import NewestFirst
from image_search.pinecone_index import VectorIndex, namespace
from image_search.s3 import Bucket
from image_search.searching import Searcher
from image_search.secrets import Secret
from image_search.settings import Settings
from image_search.trash import Trash
from image_search.uploads_queue import WAITING_PER_EXECUTION, PacedQueue, UploadsQueue
from image_search.versions import Versions


@dataclass(frozen=True)
class OtherBundle:
    """A second bundle that is indexed as well while the model changes."""

    vectors: VectorIndex
    image_encoder: Callable[[], ImageEncoder]


@dataclass(frozen=True)
class Services:
    """The parts that the functions are built from.

    A callable loads its part on the first call and returns the same part on every later one,
    because no function needs both towers at its start.
    """

    settings: Settings
    images: Bucket
    thumbnails: Bucket
    vectors: VectorIndex
    pinecone_key: Secret
    uploads_queue: UploadsQueue
    bundle: Callable[[], Bundle]
    image_encoder: Callable[[], ImageEncoder]
    text_encoder: Callable[[], TextEncoder]
    other: OtherBundle | None = None

    @classmethod
    def from_settings(cls, settings: Settings, downloads: Downloads | None = None) -> Services:
        """Connect the adapters; no request is sent yet, unless downloads have been started."""
        downloads = downloads or Downloads(settings)
        key = Secret(settings.pinecone_secret)
        bundle = cache(lambda: load(downloads.take))
        return cls(
            settings=settings,
            images=Bucket(settings.images_bucket, downloads.client, settings.images_prefix),
            thumbnails=Bucket(settings.thumbnails_bucket, downloads.client),
            vectors=_vectors(settings, key, settings.bundle),
            pinecone_key=key,
            uploads_queue=UploadsQueue(settings.uploads_queue),
            bundle=bundle,
            image_encoder=cache(lambda: ImageEncoder(bundle(), settings.threads)),
            text_encoder=cache(lambda: TextEncoder(bundle())),
            other=_other_bundle(settings, downloads, key),
        )

    def indexers(self) -> list[Indexer]:
        """One indexer for each bundle, with its image encoder loaded."""
        parts = [(self.vectors, self.image_encoder)]
        if self.other:
            parts.append((self.other.vectors, self.other.image_encoder))
        return [
            Indexer(self.images, self.thumbnails, vectors, encoder(), self.settings.decodes_heic)
            for vectors, encoder in parts
        ]

    def consistency_checker(self) -> ConsistencyChecker:
        """The comparison that the doctor function makes."""
        return ConsistencyChecker(self.images, self.thumbnails, self.vectors)

    def paced_queue(self) -> PacedQueue:
        """The queue for keys that are to be indexed again."""
        most_waiting = self.settings.index_concurrency * WAITING_PER_EXECUTION
        return PacedQueue(self.uploads_queue, most_waiting)

    def searcher(self) -> Searcher:
        """The search; it loads an encoder when a query needs it."""
        return Searcher(
            self.images,
            self.vectors,
            self.text_encoder,
            self.image_encoder,
            self.bundle().manifest.duplicate_threshold,
            self.settings.decodes_heic,
        )

    def duplicate_finder(self) -> DuplicateFinder:
        """The search for duplicates."""
        threshold = self.bundle().manifest.duplicate_threshold
        return DuplicateFinder(self.images, self.vectors, threshold)

    def gallery(self) -> Gallery:
        """The gallery."""
        return Gallery(self.images, self.thumbnails, self.vectors)

    def newest_first(self) -> NewestFirst:
        """The images in the order of their upload."""
        return NewestFirst(self.vectors, lambda: self.bundle().manifest.dimension)

    def trash(self) -> Trash:
        """The trash."""
        return Trash(Versions(self.images), self.thumbnails)

    def collection_mapper(self) -> CollectionMapper:
        """A mapper, which keeps its latest map."""
        return CollectionMapper(self.vectors)


def _vectors(settings: Settings, key: Secret, bundle: str) -> VectorIndex:
    records = namespace(settings.images_bucket, bundle, settings.images_prefix)
    return VectorIndex(settings.index_host, key.value, records)


def _other_bundle(settings: Settings, downloads: Downloads, key: Secret) -> OtherBundle | None:
    other = settings.other_bundle
    if not other:
        return None
    return OtherBundle(
        _vectors(settings, key, other),
        cache(lambda: ImageEncoder(load(partial(downloads.read, other)), settings.threads)),
    )
