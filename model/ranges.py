"""The ranges of a bundle's scores, measured with its own towers on the sample images."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
from onnx import ModelProto
from PIL import Image

from image_search import decoding
from image_search.bundle import ScoreRange, Scores

from .samples import ImageInput
from .sessions import Vectors, embed, image_feeds

_COPIES = 12  # images that copies are made of
_COPY_SIDES = (640, 224)  # pixels
_EDGE = 0.02  # of a side, that a crop takes away at both ends
_UNRELATED, _BEST = 50, 90
# Percentiles of all scores. One arbitrary image in 50 exceeds that of words; of the matches above
# it, two in five are right with the offline model on photographs that its training did not see (see
# its model card). One image in ten exceeds that of images.
_CERTAIN_WORDS, _CERTAIN_IMAGES = 98, 90
_LEAST_THRESHOLD = 0.8


def score_range(scores: Vectors, certain: float) -> ScoreRange:
    """The range of scores (queries, images); NaN where a query is the image itself.

    `certain` is the percentile of all scores above which a match is strong.
    """
    best = np.nanmax(scores, axis=1)
    high = np.percentile(best, _BEST)
    figures = {
        "best": high,
        "typical": np.median(best),
        "certain": min(high, np.nanpercentile(scores, certain)),
        "unrelated": np.nanpercentile(scores, _UNRELATED),
    }
    return ScoreRange(**{name: round(float(value), 4) for name, value in figures.items()})


def scores_of(words: Vectors, images: Vectors) -> Scores:
    """The ranges of both kinds of queries, from unit vectors of captions and of images."""
    among = images @ images.T
    np.fill_diagonal(among, np.nan)
    return Scores(
        words=score_range(words @ images.T, _CERTAIN_WORDS),
        images=score_range(among, _CERTAIN_IMAGES),
    )


def copies(image: Image.Image) -> list[Image.Image]:
    """Copies that anybody would call the same image: saved again, halved, mirrored, cropped."""
    width, height = image.size
    across, down = max(1, round(width * _EDGE)), max(1, round(height * _EDGE))
    return [
        _saved(image, 40),
        image.resize((width // 2, height // 2)),
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        image.crop((across, down, width - across, height - down)),
    ]


def _saved(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return decoding.decode(file.getvalue()).image


def at_two_sizes(images: Sequence[Image.Image]) -> Iterator[Image.Image]:
    """Some of the images, each in two sizes: whether a copy is found depends on the size."""
    for image in images[:: max(1, len(images) // _COPIES)]:
        for side in _COPY_SIDES:
            smaller = image.copy()
            smaller.thumbnail((side, side))
            yield smaller


def measured_ranges(
    words: Vectors, vision: ModelProto, shown: ImageInput, images: Sequence[Image.Image]
) -> tuple[Scores, float]:
    """Measure the ranges of a model's scores, and the least cosine of duplicates.

    `words` are vectors of captions.
    """
    originals = list(at_two_sizes(images))
    changed = [copy for original in originals for copy in copies(original)]
    vectors = embed(vision, image_feeds(shown.stacked([*images, *originals, *changed])))
    samples, of_originals, of_changed = np.split(
        vectors, [len(images), len(images) + len(originals)]
    )
    of_each = of_changed.reshape(len(originals), -1, of_changed.shape[1])
    same = (of_originals[:, None] * of_each).sum(axis=2)
    threshold = max(_LEAST_THRESHOLD, float(same.min()))  # duplicates must have alike pixels too
    return scores_of(words, samples), round(threshold, 3)
