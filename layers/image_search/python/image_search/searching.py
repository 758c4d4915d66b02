"""Answers a query with the matches of the index."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from image_search import ranking
from image_search.deadline import Pool
from image_search.decoding import DecodedImage
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import ImageNotFoundError
from image_search.freshness import is_same_content
from image_search.paging import Found, asked_for, found_at_once, page_of, wanted, whole
from image_search.pinecone_index import MAX_RANK, VectorIndex
from image_search.query import Inline, Query, Stored, Term, Words, combine
from image_search.query_images import Part, decoded, part_of
from image_search.ranking import Position
from image_search.records import Match, Record
from image_search.s3 import Bucket
from image_search.s3_objects import ObjectInfo

Vector = NDArray[np.float32]
# Concurrent requests to S3: every term of a query may name an image.
_WORKERS = 8


@dataclass
class TermReport:
    """How one term became a vector."""

    stored: bool = False
    """The index supplied the vector: no model ran and no object was read."""
    cut: bool = False
    """The text exceeds the context length of the model and was truncated."""
    unknown_words: tuple[str, ...] | None = None
    """Words of the text that the model does not know; None if it cannot tell, and for images."""


@dataclass
class Answer:
    """A page of matches and a report of how they were found."""

    matches: list[Match] = field(default_factory=list)
    duplicates: dict[str, list[Match]] = field(default_factory=dict)
    """Duplicates that were left out of `matches`, by the key of the better match."""
    position: Position | None = None
    """End of this page, if another can follow; None beyond the last rank of the index."""
    more: bool = False
    """Whether further matches follow."""
    terms: list[TermReport] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the wall-clock time of a block to a stage."""
        start = time.perf_counter()
        yield
        elapsed = (time.perf_counter() - start) * 1000
        self.timings_ms[stage] = round(self.timings_ms.get(stage, 0) + elapsed, 1)


@dataclass(frozen=True)
class Searcher:
    """Searches one namespace."""

    images: Bucket
    vectors: VectorIndex
    text_encoder: Callable[[], TextEncoder]
    image_encoder: Callable[[], ImageEncoder]
    duplicate_threshold: float
    """Images with a higher cosine count as duplicates."""
    heic: bool = True
    """Whether HEIC is decoded."""

    def search(self, query: Query) -> Answer:
        """The images nearest to the sum of the terms; selected images are not their own matches.

        Raises:
            ImageNotFoundError: no object has a key that a term names.
            RejectedError: a term is not an image that can be embedded.
            TooManyQueryPixelsError: the images are too large together.
            QueryError: the terms cancel each other out, or a crop is smaller than a pixel.
            VectorIndexError: the index did not respond.
        """
        answer = Answer()
        found = self._near_only_key(query, answer)
        if found is None:
            vector = combine(self._vectors_of(query.terms, answer), query.terms)
            with answer.timed("query"):
                found = self._first_page(vector, query) or self._ranked_page(vector, query)
        page = page_of(found, query, self.duplicate_threshold)
        answer.matches, answer.duplicates = page.matches, page.duplicates
        answer.position, answer.more = page.position, page.more
        return answer

    def _near_only_key(self, query: Query, answer: Answer) -> Found | None:
        """Search by the stored vector of one whole image, in one round trip to the index.

        The record of the key is among the matches, and its etag shows whether it is that of the
        present object. None if it is not, or if the query is not of this kind.
        """
        key = _only_key(query)
        if key is None:
            return None
        with Pool(1) as pool, answer.timed("query"):
            present = pool.submit(self.images.info, key)
            near = self.vectors.near_key(key, asked_for(query) + 1, query.filter)
            info = _existing(key, present.result())
        own = next((match.metadata for match in near if match.metadata.key == key), None)
        if own is None or not is_same_content(own, info):
            return None
        found = found_at_once([match for match in near if match.metadata.key != key], query)
        if found:
            answer.terms = [TermReport(stored=True)]
        return found

    def _first_page(self, vector: Vector, query: Query) -> Found | None:
        """Search for a first page, in one request to the index."""
        if query.position:
            return None
        near = self.vectors.near_vector(
            vector,
            asked_for(query),
            query.filter,
            without=query.keys,
            with_vectors=query.collapse,
        )
        return found_at_once(near, query)

    def _ranked_page(self, vector: Vector, query: Query) -> Found:
        """Rank more and more matches until they contain the page, then fetch its records."""
        before = query.position.rank if query.position else 0
        asked = min(before + asked_for(query), MAX_RANK)
        while True:
            ranked = self.vectors.rank(vector, asked, query.filter, without=query.keys)
            complete = whole(ranked, asked)
            unseen = ranking.following(complete, query.position)
            if len(ranked) < asked or len(unseen) >= wanted(query) or asked == MAX_RANK:
                break
            asked = min(2 * asked, MAX_RANK)
        matches = self.vectors.matches(unseen[: wanted(query) - 1])
        return Found(
            unseen,
            {match.ranked.id: match for match in matches},
            rank=len(complete) - len(unseen),
            ended=len(ranked) < asked,
        )

    def _vectors_of(self, terms: Sequence[Term], answer: Answer) -> list[Vector]:
        """The unit vector of each term."""
        present, stored = self._look_up(terms, answer)
        by_record = {
            key: record.vector
            for key, record in stored.items()
            if is_same_content(record.metadata, present[key])
        }
        images = [term for term in terms if not isinstance(term, Words)]
        new = [term for term in images if _stored_key(term) not in by_record]
        embedded = self._embed_images(new, present, answer)
        vectors: list[Vector] = []
        for term in terms:
            report = TermReport()
            answer.terms.append(report)
            if isinstance(term, Words):
                vectors.append(self._embed_text(term.text, answer, report))
            elif (key := _stored_key(term)) in by_record:
                report.stored = True
                vectors.append(by_record[key])
            else:
                vectors.append(embedded[part_of(term)])
        return vectors

    def _look_up(
        self, terms: Sequence[Term], answer: Answer
    ) -> tuple[dict[str, ObjectInfo], dict[str, Record]]:
        """The present objects of the selected keys, and their records in the index."""
        keys = sorted({term.key for term in terms if isinstance(term, Stored)})
        if not keys:
            return {}, {}
        with Pool(_WORKERS) as pool, answer.timed("read"):
            present = pool.map(self.images.info, keys)
            stored = self.vectors.fetch_records(keys)
            infos = {key: _existing(key, info) for key, info in zip(keys, present, strict=True)}
        return infos, stored

    def _embed_text(self, text: str, answer: Answer, report: TermReport) -> Vector:
        with answer.timed("embed"):
            encoder = self.text_encoder()
            tokens = encoder.tokens(text)
            report.cut = tokens.cut
            report.unknown_words = encoder.unknown_words(tokens)
            return encoder.embed_tokens(tokens.ids)

    def _embed_images(
        self, terms: Sequence[Stored | Inline], present: dict[str, ObjectInfo], answer: Answer
    ) -> dict[Part, Vector]:
        """The vectors of the parts of images that the terms name."""

        def read(term: Stored) -> bytes:
            with answer.timed("read"):
                return self.images.read(present[term.key])

        def seen(found: tuple[Part, DecodedImage]) -> tuple[Part, NDArray[np.uint8]]:
            """Reduce an image to the model's input, and drop it before the next one is decoded."""
            return found[0], self.image_encoder().pixels(found[1])

        vectors: dict[Part, Vector] = {}
        images = map(seen, decoded(terms, read, heic=self.heic))
        for _ in {part_of(term) for term in terms}:
            with answer.timed("decode"):
                part, pixels = next(images)
            with answer.timed("embed"):
                vectors[part] = self.image_encoder().embed(pixels[None])[0]
        return vectors


def _stored_key(term: Stored | Inline) -> str:
    """The key of a whole stored image, whose vector may be in the index; empty for any other."""
    return term.key if isinstance(term, Stored) and term.crop is None else ""


def _only_key(query: Query) -> str | None:
    """The key, if the query is the first page for one whole image."""
    match query.terms:
        case (Stored(key, weight, None),) if weight > 0 and not query.position:
            return None if query.collapse else key
    return None


def _existing(key: str, info: ObjectInfo | None) -> ObjectInfo:
    if info is None:
        raise ImageNotFoundError(key)
    return info
