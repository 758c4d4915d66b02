"""How well captions find their photographs: the figures of the model card."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from model.offline.heads import HALF, Heads, add_image_head, add_text_head
from model.offline.hubs import bank_of, run_head
from model.offline.zero_shot import Array, ZeroShot

from .training_data import CAPTIONS_PER_IMAGE, Photographs

TRAINED, FEATURES, JOINED = slice(0, HALF), slice(HALF, -2), slice(None)


def image_vectors(features: Array, heads: Heads, zero_shot: ZeroShot) -> Array:
    """Features (n, 1280) → unit joint vectors (n, 512), by the graph that ships."""
    bank = bank_of(heads, zero_shot)
    return run_head(features, lambda graph, x: add_image_head(graph, x, heads, zero_shot, bank))


def text_vectors(sentences: Array, heads: Heads, zero_shot: ZeroShot) -> Array:
    """Sentence vectors (n, 384) → unit joint vectors (n, 512), by the graph that ships."""
    return run_head(sentences, lambda graph, x: add_text_head(graph, x, heads, zero_shot))


def recall(
    texts: Array, images: Array, target: NDArray[np.integer], ranks: Sequence[int] = (1, 5, 10)
) -> list[float]:
    """Share of texts whose own image is among the best `rank`, for each rank.

    texts (t, d), images (i, d), target (t,): row of the image each text describes.
    """
    scores = texts @ images.T
    own = np.take_along_axis(scores, target[:, None], axis=1)
    better = (scores > own).sum(axis=1)
    return [float((better < rank).mean()) for rank in ranks]


def report(photographs: Photographs, heads: Heads, zero_shot: ZeroShot) -> Iterator[str]:
    """A line per part of the vector, on photographs that training did not see."""
    parts = {"trained half": TRAINED, "zero-shot half": FEATURES, "joined": JOINED}
    captions = photographs.captions.reshape(-1, photographs.captions.shape[-1])
    target = np.repeat(np.arange(len(photographs.features)), CAPTIONS_PER_IMAGE)
    images = image_vectors(photographs.features, heads, zero_shot)
    texts = text_vectors(captions, heads, zero_shot)
    for part, columns in parts.items():
        found = recall(texts[:, columns], images[:, columns], target)
        yield f"{part}: recall@1/5/10 " + " ".join(f"{100 * r:.1f}" for r in found)
