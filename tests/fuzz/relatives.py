"""Queries whose images are small as files and long to decode: `python -m tests.fuzz.relatives`.

They are sent to the search function of a stack on this machine. Each must be answered within five
seconds of processor time and 600 MB of memory; the exit status is 1 if one is not.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from PIL import Image, ImageCms

from local.service import free_port
from local.stack import BUNDLE, LocalStack, started
from local.user import User, until
from tests.fuzz.hostile import many_pieces, many_scans
from tests.unit.images import encoded, photo

LIMIT_SECONDS = 5
LIMIT_MEGABYTES = 600
# Of an image whose pixels are as many as a stored one may have, as those of one request may be
# together, and as those of each of eight.
_HUGE, _WHOLE, _EIGHTH = 8000, 4000, 1400
_TERMS = 8
_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
_ODD_PROFILE = _PROFILE.replace(b"sRGB", b"RGBs")
# Nearly the whole image, and a little further each time.
_OVERLAPPING = [[n / 100, n / 100, 0.9, 0.9] for n in range(_TERMS)]

Maker = Callable[[int], bytes]
Terms = list[dict[str, Any]]


class Answer(NamedTuple):
    """What one query took of the process."""

    name: str
    status: int
    seconds: float
    """Of processor time."""
    megabytes: int
    """The most memory that it had."""


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
    "png profile": _flat("RGB", "PNG", icc_profile=_ODD_PROFILE),
    "png clear profile": _flat("RGBA", "PNG", icc_profile=_ODD_PROFILE),
    "png tall": _tall("PNG"),
    "gif": _flat("P", "GIF"),
    "gif clear": _flat("P", "GIF", transparency=0),
    "gif animated": _animated("GIF"),
    "bmp 1 bit": _flat("1", "BMP"),
    "tiff": _flat("RGB", "TIFF", compression="tiff_adobe_deflate"),
    "tiff cmyk": _flat("CMYK", "TIFF", compression="tiff_lzw"),
    "tiff float": _flat("F", "TIFF", compression="tiff_adobe_deflate"),
    "avif": _photo("AVIF", speed=10, quality=20),
    "jpeg": _photo("JPEG", quality=20),
    "jpeg progressive": _photo("JPEG", quality=20, progressive=True),
    "jpeg cmyk": _flat("CMYK", "JPEG"),
    "jpeg of scans": lambda side: many_scans((side, side), 90),
    "jpeg tall": _tall("JPEG"),
}
# Of stored images: those that cost most of each way to decode.
STORED = (
    "webp photograph",
    "png clear profile",
    "tiff cmyk",
    "avif",
    "jpeg progressive",
    "jpeg of scans",
)


def relatives() -> Iterator[tuple[str, Callable[[], Terms]]]:
    """The queries by name, and how each is made."""
    for kind, make in KINDS.items():
        yield f"the same {kind} of 64 megapixels, 8 times", partial(_same, make, _HUGE)
        yield f"8 of {kind}, of 64 megapixels", partial(_different, make, _HUGE)
        yield f"8 of {kind}, of 2 megapixels", partial(_different, make, _EIGHTH)
        yield f"8 parts of {kind} of 16 megapixels", partial(_same, make, _WHOLE, _OVERLAPPING)
    for kind in STORED:
        yield f"8 parts of {kind} in the bucket", partial(_stored, [kind] * _TERMS)
        yield f"a part of {kind} in the bucket and one sent", partial(_both, kind)
    yield "a part of each in the bucket", partial(_stored, STORED)
    yield "a jpeg of comments", lambda: _sent([many_pieces("JPEG", 3 * 2**20)])


def _same(make: Maker, side: int, crops: Sequence[Any] = (None,) * _TERMS) -> Terms:
    return _sent([make(side)] * _TERMS, crops)


def _different(make: Maker, side: int) -> Terms:
    """Decoders do not read what follows an image, but it makes another file."""
    image = make(side)
    return _sent([image + bytes([number]) for number in range(_TERMS)])


def _sent(images: Iterable[bytes], crops: Sequence[Any] = (None,) * _TERMS) -> Terms:
    return [
        {"image": base64.b64encode(image).decode(), "crop": crop}
        for image, crop in zip(images, crops, strict=False)
    ]


def _stored(kinds: Iterable[str]) -> Terms:
    pairs = zip(kinds, _OVERLAPPING, strict=False)
    return [{"key": f"{kind}.bin", "crop": crop} for kind, crop in pairs]


def _both(kind: str) -> Terms:
    return [*_stored([kind]), *_sent([KINDS[kind](_WHOLE)])]


def main() -> int:
    """Send all, print what each took, the most last."""
    with (
        tempfile.TemporaryDirectory() as data,
        started(Path(data), BUNDLE, free_port(), free_port(), print) as local,
    ):
        store(local)
        return report(list(ask(local)))


def report(answers: list[Answer]) -> int:
    """Print the answers, the worst last; returns the exit status."""
    for answer in sorted(answers, key=lambda answer: answer.seconds):
        print(f"{answer.status}  {answer.seconds:6.2f} s  {answer.megabytes:5} MB  {answer.name}")
    slow = sum(answer.seconds > LIMIT_SECONDS for answer in answers)
    large = sum(answer.megabytes > LIMIT_MEGABYTES for answer in answers)
    print(
        f"{len(answers)} queries, {slow} over {LIMIT_SECONDS} s, {large} over {LIMIT_MEGABYTES} MB"
    )
    return int(bool(slow or large))


def store(local: LocalStack) -> None:
    """Put the images that are to be stored, and wait until they are indexed."""
    user = User(local)
    for kind in STORED:
        user.put(f"{kind}.bin", KINDS[kind](_HUGE))
    for kind in STORED:
        until(lambda k=kind: user.state(f"{k}.bin")[0] != "pending", f"{kind} is pending", 120)


def ask(local: LocalStack) -> Iterator[Answer]:
    """Send each query."""
    with local.client() as client:
        client.get("/api/search", params={"text": "warm"}).raise_for_status()
        for name, make in relatives():
            yield measured(name, make(), client, local.port)


def measured(name: str, terms: Terms, client: httpx.Client, port: int) -> Answer:
    """Send one query, and look at the function's processes before and after."""
    processes = processes_of("SearchFunction", port)
    for process in processes:
        (process / "clear_refs").write_text("5")
    before = sum(map(_seconds, processes))
    answer = client.post("/api/search", json={"terms": terms})
    seconds = sum(map(_seconds, processes)) - before
    return Answer(name, answer.status_code, seconds, max(map(_peak, processes)))


def processes_of(function: str, port: int) -> list[Path]:
    """The processes that the emulator at a port runs a function in, as folders of /proc."""
    pattern = f"ministack-lambda-image-search-{function}"
    listing = subprocess.run(["pgrep", "-f", pattern], capture_output=True, text=True, check=True)
    found = [Path("/proc", process) for process in listing.stdout.split()]
    return [one for one in found if f"GATEWAY_PORT={port}" in (one / "environ").read_text()]


def _seconds(process: Path) -> float:
    """User and system time, also of children that ended: the decoders of HEIC."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _peak(process: Path) -> int:
    found = re.search(r"VmHWM:\s+(\d+)", (process / "status").read_text())
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    sys.exit(main())
