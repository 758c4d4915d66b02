"""Decodes the images of a query, each once and within a limit on their pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from image_search import decoding
from image_search.deadline import require
from image_search.decoding import Crop, DecodedImage
from image_search.errors import TooManyQueryPixelsError
from image_search.query import Inline, Stored

# Pixels of all images in one request: a 5K screenshot, while a model sees 0.06 million. Decoding
# the slowest format takes one second for these.
MAX_INLINE_PIXELS = 16_000_000
# Pixels of all images of one query: the largest stored image, and one second more.
MAX_QUERY_PIXELS = decoding.MAX_IMAGE_PIXELS + MAX_INLINE_PIXELS
# The largest image takes as long to decode.
_DECODING_SECONDS = 5


class Part(NamedTuple):
    """An image, or a part of it."""

    image: str
    """The key of a stored image, or the digest of one that is not stored."""
    stored: bool
    crop: Crop | None


def part_of(term: Stored | Inline) -> Part:
    """The part that a term names; equal images are one part, however often they are sent."""
    if isinstance(term, Stored):
        return Part(term.key, True, term.crop)
    return Part(term.digest, False, term.crop)


@dataclass
class PixelBudget:
    """Counts the pixels that are decoded for one query."""

    inline: int = field(default=0, init=False)
    total: int = field(default=0, init=False)

    def take(self, pixels: int, *, stored: bool) -> None:
        """Count the pixels of one more image.

        Raises:
            TooManyQueryPixelsError: there are too many.
            DeadlineError: too little time is left to decode an image.
        """
        require(_DECODING_SECONDS)
        self.total += pixels
        self.inline += 0 if stored else pixels
        if self.inline > MAX_INLINE_PIXELS:
            raise TooManyQueryPixelsError("the images sent", self.inline, MAX_INLINE_PIXELS)
        if self.total > MAX_QUERY_PIXELS:
            raise TooManyQueryPixelsError("the images", self.total, MAX_QUERY_PIXELS)


def decoded(
    terms: Sequence[Stored | Inline], read: Callable[[Stored], bytes], *, heic: bool = True
) -> Iterator[tuple[Part, DecodedImage]]:
    """Each part that the terms name, once; `read` reads a stored image.

    Raises:
        RejectedError: a term is not an image that can be embedded.
        TooManyQueryPixelsError: the images are too large together.
    """
    budget = PixelBudget()
    images: dict[tuple[str, bool], list[Stored | Inline]] = {}
    for term in terms:
        part = part_of(term)
        images.setdefault((part.image, part.stored), []).append(term)
    for (image, stored), of_image in images.items():
        first = of_image[0]
        data = read(first) if isinstance(first, Stored) else first.image
        crops = list(dict.fromkeys(term.crop for term in of_image))
        allow = partial(budget.take, stored=stored)
        decoded_parts = decoding.decode_parts(data, crops, allow, heic=heic)
        for crop in crops:  # no variable keeps a part in memory while the next one is made
            yield Part(image, stored, crop), next(decoded_parts)
