"""A query to matches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from image_search import preprocess
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import ImageNotFoundError
from image_search.objects import Bucket
from image_search.vectors import Match, VectorIndex


@dataclass
class Answer:
    """Matches, best first, and where the time went."""

    matches: list[Match] = field(default_factory=list)
    timings_ms: dict[str, float] = field(default_factory=dict)
    text_cut: bool = False
    """The text is longer than the model sees; only its beginning counted."""

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the wall-clock time of a block to a stage."""
        start = time.perf_counter()
        yield
        elapsed = (time.perf_counter() - start) * 1000
        self.timings_ms[stage] = round(self.timings_ms.get(stage, 0) + elapsed, 1)


@dataclass(frozen=True)
class Searcher:
    """Searches one namespace by words or by an image."""

    images: Bucket
    vectors: VectorIndex
    text_encoder: Callable[[], TextEncoder]
    image_encoder: Callable[[], ImageEncoder]

    def by_text(self, text: str, top_k: int) -> Answer:
        """The images nearest to words.

        Raises:
            VectorIndexError: the index did not answer.
        """
        answer = Answer()
        with answer.timed("embed"):
            encoder = self.text_encoder()
            answer.text_cut, vector = encoder.cuts(text), encoder.embed(text)
        with answer.timed("query"):
            answer.matches = self.vectors.near_vector(vector, top_k)
        return answer

    def by_key(self, key: str, top_k: int) -> Answer:
        """The images nearest to a stored one, itself not among them.

        An indexed image is searched by its stored vector: no model runs and no object is read.

        Raises:
            ImageNotFoundError: no object has this key.
            RejectedError: the object is not a picture that can be embedded.
            VectorIndexError: the index did not answer.
        """
        answer = Answer()
        with answer.timed("query"):
            answer.matches = self.vectors.near_key(key, top_k + 1)
        if not answer.matches:
            with answer.timed("embed"):
                vector = self._embed(key)
            with answer.timed("query"):
                answer.matches = self.vectors.near_vector(vector, top_k + 1)
        others = [match for match in answer.matches if match.metadata.key != key]
        answer.matches = others[:top_k]
        return answer

    def _embed(self, key: str) -> NDArray[np.float32]:
        info = self.images.info(key)
        if info is None:
            raise ImageNotFoundError(key)
        encoder = self.image_encoder()
        picture = preprocess.decode(self.images.read(info))
        vector: NDArray[np.float32] = encoder.embed(encoder.pixels(picture)[None])[0]
        return vector
