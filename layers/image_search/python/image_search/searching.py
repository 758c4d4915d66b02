"""Answers a query with the matches of the index."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from image_search import preprocess
from image_search.duplicates import fold
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import ImageNotFoundError
from image_search.freshness import is_same_content
from image_search.pinecone_index import MAX_RANK, Match, Record, VectorIndex
from image_search.query import Inline, Position, Query, Stored, Term, Words, combine
from image_search.s3 import Bucket, ObjectInfo

Vector = NDArray[np.float32]
# Concurrent requests to S3: every term of a query may name an image.
_WORKERS = 8
# Matches read to fill a page without duplicates; the vectors of more exceed a response's 4 MB.
_FOLDED_WINDOW = 250


@dataclass
class TermReport:
    """How one term became a vector."""

    stored: bool = False
    """The index supplied the vector: no model ran and no object was read."""
    cut: bool = False
    """The text exceeds the context length of the model and was truncated."""


@dataclass
class Answer:
    """A page of matches and a report of how they were found."""

    matches: list[Match] = field(default_factory=list)
    duplicates: dict[str, list[Match]] = field(default_factory=dict)
    """Duplicates that were left out of `matches`, by the key of the better match."""
    position: Position | None = None
    """Start of the next page; None at the end and beyond the last rank of the index."""
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
            QueryError: the terms cancel each other out, or a crop is smaller than a pixel.
            VectorIndexError: the index did not respond.
        """
        answer = Answer()
        found = self._near_only_key(query, answer)
        if found is None:
            vector = combine(self._vectors_of(query.terms, answer), query.terms)
            with answer.timed("query"):
                found = self._near_vector(vector, query)
        return _paged(found, query, answer, self.duplicate_threshold)

    def _near_only_key(self, query: Query, answer: Answer) -> list[Match] | None:
        """Search by the stored vector of one whole image, in one round trip to the index.

        The record of the key is among the matches, and its etag shows whether it is that of the
        present object. None if it is not, or if the query is not of this kind.
        """
        key = _only_key(query)
        if key is None:
            return None
        with ThreadPoolExecutor(1) as pool, answer.timed("query"):
            present = pool.submit(self.images.info, key)
            found = self.vectors.near_key(key, _wanted(query) + 1, query.filter)
            info = _existing(key, present.result())
        own = next((match.metadata for match in found if match.metadata.key == key), None)
        if own is None or not is_same_content(own, info):
            return None
        answer.terms = [TermReport(stored=True)]
        return [match for match in found if match.metadata.key != key]

    def _near_vector(self, vector: Vector, query: Query) -> list[Match]:
        return self.vectors.near_vector(
            vector,
            _wanted(query),
            query.filter,
            start=query.start,
            without=query.keys,
            with_vectors=query.collapse,
        )

    def _vectors_of(self, terms: Sequence[Term], answer: Answer) -> list[Vector]:
        """The unit vector of each term."""
        present, stored = self._look_up(terms, answer)
        vectors: list[Vector] = []
        for term in terms:
            report = TermReport()
            answer.terms.append(report)
            match term:
                case Words(text):
                    vectors.append(self._embed_text(text, answer, report))
                case Stored(key, _, None) if key in stored and is_same_content(
                    stored[key].metadata, present[key]
                ):
                    report.stored = True
                    vectors.append(stored[key].vector)
                case Stored(key, _, crop):
                    with answer.timed("read"):
                        data = self.images.read(present[key])
                    vectors.append(self._embed_image(data, crop, answer))
                case Inline(image, _, crop):
                    vectors.append(self._embed_image(image, crop, answer))
        return vectors

    def _look_up(
        self, terms: Sequence[Term], answer: Answer
    ) -> tuple[dict[str, ObjectInfo], dict[str, Record]]:
        """The present objects of the selected keys, and their records in the index."""
        keys = sorted({term.key for term in terms if isinstance(term, Stored)})
        if not keys:
            return {}, {}
        with ThreadPoolExecutor(_WORKERS) as pool, answer.timed("read"):
            present = pool.map(self.images.info, keys)
            stored = self.vectors.fetch_records(keys)
            infos = {key: _existing(key, info) for key, info in zip(keys, present, strict=True)}
        return infos, stored

    def _embed_text(self, text: str, answer: Answer, report: TermReport) -> Vector:
        with answer.timed("embed"):
            encoder = self.text_encoder()
            tokens = encoder.tokens(text)
            report.cut = tokens.cut
            return encoder.embed_tokens(tokens.ids)

    def _embed_image(self, data: bytes, crop: preprocess.Crop | None, answer: Answer) -> Vector:
        with answer.timed("decode"):
            encoder = self.image_encoder()
            pixels = encoder.pixels(preprocess.decode(data, crop, heic=self.heic))
        with answer.timed("embed"):
            vector: Vector = encoder.embed(pixels[None])[0]
        return vector


def _only_key(query: Query) -> str | None:
    """The key, if the query is the first page for one whole image."""
    match query.terms:
        case (Stored(key, weight, None),) if weight > 0 and not query.position:
            return None if query.collapse else key
    return None


def _wanted(query: Query) -> int:
    """The number of matches to request: one beyond the page shows whether more follow."""
    shown = _FOLDED_WINDOW if query.collapse else query.top_k
    return min(shown + 1, MAX_RANK - query.start)


def _existing(key: str, info: ObjectInfo | None) -> ObjectInfo:
    if info is None:
        raise ImageNotFoundError(key)
    return info


def _paged(found: list[Match], query: Query, answer: Answer, threshold: float) -> Answer:
    """One page of the matches that were found, of which one may lie beyond the page."""
    best = query.position.best_score if query.position else (found[0].score if found else 0)
    good = _good_enough(found, query, best)
    if query.collapse:
        answer.matches, answer.duplicates = fold(good, query.top_k, threshold)
    else:
        answer.matches = good[: query.top_k]
    taken = len(answer.matches) + sum(map(len, answer.duplicates.values()))
    answer.more = taken < len(good) or len(good) == _wanted(query)
    if answer.more and query.start + taken < MAX_RANK:
        answer.position = Position(query.start + taken, best)
    answer.matches = _sorted(answer.matches, query)
    return answer


def _good_enough(found: list[Match], query: Query, best: float) -> list[Match]:
    least = -math.inf if query.min_score is None else query.min_score
    if query.relative is not None:
        least = max(least, min(best, query.relative * best))  # a negative best score stays a match
    return [match for match in found if match.score >= least]


def _sorted(matches: list[Match], query: Query) -> list[Match]:
    """Sort by score, or by time with the newest first; images without a time come last."""
    if query.sort == "score":
        return matches
    return sorted(matches, key=lambda match: -(getattr(match.metadata, query.sort) or 0))
