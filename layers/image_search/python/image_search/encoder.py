"""ONNX sessions, which embed images and texts as unit vectors.

The graphs of every bundle have the same interface: the input is `pixels` uint8 (n, size, size, 3)
or `input_ids` int64 (n, tokens), and the output is `embedding` float32 (n, dimension) of unit
length. The differences between models (normalisation, pooling, padding) are inside the graph or
the tokenizer. A text graph may have a second output, `known` float32 (n,): how well the model knows
these words, 0 to 1.
"""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from image_search import decoding, preprocess, weights
from image_search.broken_words import broken_words
from image_search.bundle import Bundle, SelfTest
from image_search.errors import BundleError

# Larger batches are not faster, because their activations exceed the processor's cache.
_BATCH = 4
# Number of texts whose vectors are cached, 2 kB each.
_CACHED_TEXTS = 1000
# Words whose output `known` is below this are unknown: 28 % of 400 rare words of captions, and 74 %
# of 400 invented ones.
_KNOWN = 0.5
# Words of a text whose output `known` is computed, in one run of the model each.
_ASKED_ABOUT = 8
Vectors: TypeAlias = NDArray[np.float32]


class Tokens(NamedTuple):
    """The tokens of a text."""

    ids: tuple[int, ...]
    cut: bool
    """Whether the text exceeded the context length and was truncated."""
    broken: tuple[str, ...]
    """Words that are not one token each."""


class ImageEncoder:
    """The vision tower of a bundle."""

    def __init__(self, bundle: Bundle, threads: int = 1) -> None:
        """Load the tower and run its self-test; `threads` is the number of whole vCPUs.

        Raises:
            BundleError: a file does not match the manifest, or the self-test fails.
        """
        self.manifest = bundle.manifest
        self._session = _session(bundle.read("vision.onnx"))
        self._workers = ThreadPoolExecutor(threads)
        test = self.manifest.self_test
        self.self_test_cosine = _check(bundle, self._tested(test), test.image_vector, test)

    def pixels(self, image: decoding.DecodedImage) -> NDArray[np.uint8]:
        """Preprocess an image for this model: (size, size, 3) uint8."""
        manifest = self.manifest
        return preprocess.pixels(
            image.image, manifest.image_size, manifest.interpolation, manifest.resize
        )

    def embed(self, pixels: NDArray[np.uint8]) -> Vectors:
        """Embed (n, size, size, 3) uint8 as (n, dimension) float32 unit vectors."""
        parts = [pixels[start : start + _BATCH] for start in range(0, len(pixels), _BATCH)]
        return np.concatenate(list(self._workers.map(self._embed, parts)))

    def _tested(self, test: SelfTest) -> Vectors:
        """Embed the image of the self-test twice in one batch: a graph may take only one."""
        pixels = self.pixels(decoding.decode(base64.b64decode(test.image)))
        try:
            return self._embed(np.stack([pixels, pixels]))
        except Exception as error:  # onnxruntime's errors have no other class in common
            raise BundleError(
                f"bundle {self.manifest.id} cannot embed two images at once ({error}); "
                "build it again"
            ) from error

    def _embed(self, pixels: NDArray[np.uint8]) -> Vectors:
        return _run(self._session, {"pixels": pixels})


class TextEncoder:
    """The text tower of a bundle."""

    def __init__(self, bundle: Bundle) -> None:
        """Load the tower and its tokenizer, and run the self-test.

        Raises:
            BundleError: a file does not match the manifest, or the self-test fails.
        """
        self._tokenizer = _tokenizer(bundle)  # the larger file is downloaded meanwhile
        self._session = _session(bundle.read("text.onnx"))
        self.embed_tokens = lru_cache(_CACHED_TEXTS)(self._embed)
        self._tells = "known" in {output.name for output in self._session.get_outputs()}
        self._knows = lru_cache(_CACHED_TEXTS)(self._is_known)
        test = bundle.manifest.self_test
        self.self_test_cosine = _check(bundle, self.embed(test.text)[None], test.text_vector, test)

    def tokens(self, text: str) -> Tokens:
        """Tokenize a text, at most to the context length of the model."""
        encoding = self._tokenizer.encode(text)
        unknown = self._tokenizer.model.unk_token
        broken = broken_words(encoding, text, unknown) if self._tells else ()
        return Tokens(tuple(encoding.ids), bool(encoding.overflowing), broken)

    def unknown_words(self, tokens: Tokens) -> tuple[str, ...] | None:
        """The words of a text that the model does not know; None if it cannot tell.

        A word that is a whole token counts as known; any other is embedded by itself.
        """
        if not self._tells:
            return None
        return tuple(word for word in tokens.broken[:_ASKED_ABOUT] if not self._knows(word))

    def embed(self, text: str) -> Vectors:
        """Embed one text as a (dimension,) float32 unit vector, cached: do not change it.

        There is no batch: padding texts to a common length costs more than it saves.
        """
        return self.embed_tokens(self.tokens(text).ids)

    def _embed(self, ids: tuple[int, ...]) -> Vectors:
        feed: dict[str, NDArray[np.generic]] = {"input_ids": np.array([ids], np.int64)}
        return cast(Vectors, _run(self._session, feed)[0])

    def _is_known(self, word: str) -> bool:
        feed = {"input_ids": np.array([self._tokenizer.encode(word).ids], np.int64)}
        return bool(self._session.run(["known"], feed)[0][0] >= _KNOWN)


def _tokenizer(bundle: Bundle) -> Tokenizer:
    """The tokenizer of a bundle, which truncates texts to the context length."""
    tokenizer = Tokenizer.from_buffer(bundle.read("tokenizer.json"))
    tokenizer.enable_truncation(bundle.manifest.context_length)
    return tokenizer


def _session(model: bytes) -> ort.InferenceSession:
    """A session with one thread: concurrent images are faster than several threads on one."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_external_initializers_from_files_in_memory(
        [weights.LOCATION], [model], [len(model)]
    )
    graph = weights.graph_of(model)
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _run(session: ort.InferenceSession, feed: dict[str, NDArray[np.generic]]) -> Vectors:
    return cast(Vectors, session.run(["embedding"], feed)[0])


def _check(bundle: Bundle, got: Vectors, expected: list[float], test: SelfTest) -> float:
    cosine = float((got @ np.array(expected, np.float32)).min())
    if not cosine >= test.minimum_cosine:  # NaN fails too
        raise BundleError(
            f"bundle {bundle.manifest.id} is wrong on this processor: self-test cosine "
            f"{cosine:.4f}, at least {test.minimum_cosine} is needed; deploy a bundle of another "
            "precision"
        )
    return cosine
