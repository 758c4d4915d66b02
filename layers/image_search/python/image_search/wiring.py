"""The parts of this process, made from its settings: each once, when it is first used."""

from __future__ import annotations

from functools import cache

from aws_lambda_powertools.utilities import parameters

from image_search.bundle import Bundle, load
from image_search.duplicates import DuplicateFinder
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.gallery import Gallery
from image_search.indexing import Indexer
from image_search.mapping import Mapper
from image_search.objects import Bucket
from image_search.searching import Searcher
from image_search.settings import settings
from image_search.vectors import VectorIndex


@cache
def bundle() -> Bundle:
    """The bundle that the settings name, from the model bucket."""
    bucket = Bucket(settings().model_bucket)
    return load(lambda name: bucket.read_key(f"{settings().bundle}/{name}"))


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
    api_key = parameters.get_secret(settings().pinecone_secret)
    return VectorIndex(settings().index_host, api_key, settings().bundle)


@cache
def images() -> Bucket:
    """The images bucket."""
    return Bucket(settings().images_bucket)


@cache
def indexer() -> Indexer:
    """What the index function runs."""
    return Indexer(images(), Bucket(settings().thumbnails_bucket), vectors(), image_encoder())


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
