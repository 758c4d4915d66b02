"""The parts of this process, made from its settings: each once, when it is first used."""

from __future__ import annotations

import random
from contextlib import suppress
from functools import cache, partial

from snapshot_restore_py import register_after_restore, register_before_snapshot

from image_search import downloads, secrets
from image_search.bundle import Bundle, load
from image_search.collection_map import Mapper
from image_search.consistency import ConsistencyChecker
from image_search.duplicates import DuplicateFinder
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import VectorIndexError
from image_search.gallery import Gallery
from image_search.indexing import Indexer
from image_search.pinecone_index import VectorIndex
from image_search.s3 import Bucket
from image_search.searching import Searcher
from image_search.settings import settings
from image_search.uploads_queue import WAITING_PER_EXECUTION, PacedQueue, UploadsQueue


@cache
def bundle() -> Bundle:
    """The bundle that the settings name, from the model bucket."""
    return load(downloads.take)


@cache
def image_encoder() -> ImageEncoder:
    """The bundle's vision tower."""
    return ImageEncoder(bundle(), settings().threads)


@cache
def text_encoder() -> TextEncoder:
    """The bundle's text tower."""
    return TextEncoder(bundle())


@cache
def vectors() -> VectorIndex:
    """The bundle's namespace of the index."""
    return _namespace(settings().bundle)


def _namespace(bundle: str) -> VectorIndex:
    api_key = partial(secrets.secret, settings().pinecone_secret)
    return VectorIndex(settings().index_host, api_key, bundle)


@cache
def images() -> Bucket:
    """The images bucket."""
    return Bucket(settings().images_bucket)


@cache
def thumbnails() -> Bucket:
    """The thumbnails bucket."""
    return Bucket(settings().thumbnails_bucket)


@cache
def indexer() -> Indexer:
    """What keeps the bundle's namespace right."""
    return Indexer(images(), thumbnails(), vectors(), image_encoder())


def indexers() -> list[Indexer]:
    """What the index function runs: one for each bundle that it keeps right."""
    other = settings().other_bundle
    if not other:
        return [indexer()]
    encoder = ImageEncoder(load(partial(downloads.read, other)), settings().threads)
    return [indexer(), Indexer(images(), thumbnails(), _namespace(other), encoder)]


def consistency_checker() -> ConsistencyChecker:
    """What the doctor function compares."""
    return ConsistencyChecker(images(), thumbnails(), vectors())


@cache
def paced_queue() -> PacedQueue:
    """Where the doctor function puts keys that are to be indexed again."""
    most_waiting = settings().index_concurrency * WAITING_PER_EXECUTION
    return PacedQueue(UploadsQueue(settings().uploads_queue), most_waiting)


@cache
def searcher() -> Searcher:
    """What the search function runs."""
    threshold = bundle().manifest.duplicate_threshold
    return Searcher(images(), vectors(), text_encoder, image_encoder, threshold)


@cache
def duplicate_finder() -> DuplicateFinder:
    """What the search function finds duplicates with."""
    return DuplicateFinder(images(), vectors(), bundle().manifest.duplicate_threshold)


@cache
def gallery() -> Gallery:
    """What the search function lists."""
    return Gallery(images(), vectors())


@cache
def mapper() -> Mapper:
    """What the search function draws maps with."""
    return Mapper(vectors())


def prime() -> None:
    """Ask the index something: what a first request loads is in the snapshot then.

    An index that does not answer is no reason not to deploy.
    """
    with suppress(VectorIndexError):
        vectors().count()


register_before_snapshot(prime)
# Copies of one snapshot would wait the same random times before they try something again.
register_after_restore(random.seed)
