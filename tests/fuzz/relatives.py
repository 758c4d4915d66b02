"""A hundred queries whose images are small as files and long to decode: part of `make fuzz`.

The search function answers them in a process of its own, on the offline model: each within five
seconds of processor time and 600 MB, those by a part of a stored image of 64 megapixels within the
function's memory. The exit status is 1 if one is not.
"""

from __future__ import annotations

import base64
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, lru_cache, partial
from multiprocessing import get_context
from typing import Any, NamedTuple

from PIL import Image

from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder, TextEncoder
from local.stack import BUNDLE
from search_api.application import create_app
from tests.fuzz.corpus import OTHER_PROFILE
from tests.fuzz.hostile import many_pieces, many_scans
from tests.fuzz.images import ENVIRONMENT
from tests.fuzz.worker import forget_peak, status
from tests.unit.api import Api
from tests.unit.images import encoded, photo
from tests.unit.indexes import World
from tests.unit.lambdas import http_event
from tests.unit.settings import fake_services

_MOST_SECONDS, _MOST_MEGABYTES = 5, 600
# What the template gives the search function.
_MEMORY_MEGABYTES = 1769
# Sides of images of as many pixels as a stored one may have, as those of one request may have
# together, and as each of eight may have.
_HUGE, _WHOLE, _EIGHTH = 8000, 4000, 1400
_TERMS = 8
# Lambda takes no larger request.
_BODY_BYTES = 6 * 2**20
# Nearly the whole image, and a little further each time.
_OVERLAPPING = [[n / 100, n / 100, 0.9, 0.9] for n in range(_TERMS)]

Maker = Callable[[int], bytes]
Terms = list[dict[str, Any]]


class Taken(NamedTuple):
    """What one query took."""

    status: int
    seconds: float
    """Of processor time."""
    megabytes: int
    """The most memory that the process had."""


def _flat(mode: str, kind: str, **options: Any) -> Maker:
    return lambda side: encoded(Image.new(mode, (side, side)), kind, **options)


def _photo(kind: str, **options: Any) -> Maker:
    return lambda side: encoded(photo(1000, 1000).resize((side, side)), kind, **options)


def _animated(kind: str) -> Maker:
    def make(side: int) -> bytes:
        frames = [Image.new("P", (side, side), number) for number in range(3)]
        return encoded(frames[0], kind, save_all=True, append_images=frames[1:])

    return make


def _tall(kind: str) -> Maker:
    def make(side: int) -> bytes:
        height = min(60_000, side * side // 100)
        return encoded(Image.new("RGB", (side * side // height, height)), kind)

    return make


KINDS: dict[str, Maker] = {
    "webp": _flat("RGB", "WEBP", method=0),
    "webp photograph": _photo("WEBP", method=0, quality=20),
    "webp clear": _flat("RGBA", "WEBP", method=0),
    "webp animated": _animated("WEBP"),
    "png": _flat("RGB", "PNG"),
    "png 1 bit": _flat("1", "PNG"),
    "png 16 bit": _flat("I;16", "PNG"),
    "png palette clear": _flat("P", "PNG", transparency=bytes(200)),
    "png clear": _flat("RGBA", "PNG"),
    "png profile": _flat("RGB", "PNG", icc_profile=OTHER_PROFILE),
    "png clear profile": _flat("RGBA", "PNG", icc_profile=OTHER_PROFILE),
    "png tall": _tall("PNG"),
    "gif": _flat("P", "GIF"),
    "gif clear": _flat("P", "GIF", transparency=0),
    "gif animated": _animated("GIF"),
    "bmp 1 bit": _flat("1", "BMP"),
    "tiff": _flat("RGB", "TIFF", compression="tiff_adobe_deflate"),
    "tiff cmyk": _flat("CMYK", "TIFF", compression="tiff_lzw"),
    "tiff float": _flat("F", "TIFF", compression="tiff_adobe_deflate"),
    "avif": _flat("RGB", "AVIF", speed=10),
    "jpeg": _photo("JPEG", quality=20),
    "jpeg progressive": _photo("JPEG", quality=20, progressive=True),
    "jpeg cmyk": _flat("CMYK", "JPEG"),
    "jpeg of scans": lambda side: many_scans((side, side), 90),
    "jpeg tall": _tall("JPEG"),
}
# Of each way to decode, what takes most.
STORED = ("webp clear", "png clear profile", "tiff cmyk", "avif", "jpeg cmyk", "jpeg of scans")


def relatives() -> Iterator[tuple[str, Callable[[], Terms]]]:
    """The queries by name, and how each is made."""
    for kind, make_anew in KINDS.items():
        make = lru_cache(1)(make_anew)
        yield f"the same {kind} of 64 megapixels, 8 times", partial(_same, make, _HUGE)
        yield f"8 of {kind}, of 64 megapixels", partial(_different, make, _HUGE)
        yield f"8 of {kind}, of 2 megapixels", partial(_different, make, _EIGHTH)
        yield f"8 parts of {kind} of 16 megapixels", partial(_same, make, _WHOLE, _OVERLAPPING)
    yield "a jpeg of comments", lambda: _sent([many_pieces("JPEG", 3 * 2**20)])
    for kind in STORED:
        yield f"8 parts of {kind}, stored", partial(_stored, [kind] * _TERMS)
        yield f"a part of {kind}, stored, and one sent", partial(_both, kind)
    yield "a part of each, stored", partial(_stored, STORED)


def _same(make: Maker, side: int, crops: Sequence[Any] = (None,) * _TERMS) -> Terms:
    return _sent([make(side)] * _TERMS, crops)


def _different(make: Maker, side: int) -> Terms:
    """Decoders do not read what follows an image, but it makes another file."""
    image = make(side)
    return _sent([image + bytes([number]) for number in range(_TERMS)])


def _sent(images: Iterable[bytes], crops: Sequence[Any] = (None,) * _TERMS) -> Terms:
    terms: Terms = [
        {"image": base64.b64encode(image).decode(), "crop": crop}
        for image, crop in zip(images, crops, strict=False)
    ]
    while len(terms) > 1 and sum(len(term["image"]) for term in terms) > _BODY_BYTES:
        terms.pop()
    return terms


def _stored(kinds: Iterable[str]) -> Terms:
    return [{"key": k, "crop": crop} for k, crop in zip(kinds, _OVERLAPPING, strict=False)]


def _both(kind: str) -> Terms:
    return [*_stored([kind]), *_sent([KINDS[kind](_WHOLE)])]


def main() -> int:
    """Send all, and print what each took."""
    os.environ |= ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "true"}
    exceeded = 0
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as function:
        function.submit(store, {kind: KINDS[kind](_HUGE) for kind in STORED}).result()
        for name, make in relatives():
            taken = function.submit(ask, make()).result()
            most = _MEMORY_MEGABYTES if "stored" in name else _MOST_MEGABYTES
            exceeds = taken.seconds > _MOST_SECONDS or taken.megabytes > most
            print(*taken, name, "TOO MUCH" if exceeds else "", sep="\t", flush=True)
            exceeded += exceeds
    return int(exceeded > 0)


def store(images: dict[str, bytes]) -> None:
    """In the function's process: put images into its bucket."""
    for key, data in images.items():
        _function().world.images.put(key, data)


def ask(terms: Terms) -> Taken:
    """In the function's process: answer one query, as if a busy machine had all the time."""
    event = http_event("POST", "/api/search", body={"terms": terms})
    function = _function()
    forget_peak()
    start = time.process_time()
    answer = function.take(event, milliseconds=900_000)
    seconds = round(time.process_time() - start, 2)
    return Taken(answer.status, seconds, status("VmHWM") // 1024)


@cache
def _function() -> Api:
    bundle = load_directory(BUNDLE)
    encoder = ImageEncoder(bundle)
    world = World(encoder)
    return Api(world, create_app(fake_services(world, bundle, encoder, TextEncoder(bundle))))


if __name__ == "__main__":
    sys.exit(main())
