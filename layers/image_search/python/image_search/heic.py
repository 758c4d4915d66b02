"""Decodes HEIC in a child process, because a file may exploit a flaw of the decoder.

The child receives the file and returns pixels. It has no environment and no open files but the
three standard ones, and cannot open others. The parent is not dumpable, so the child can read
neither its memory nor its environment, which hold a function's credentials, through /proc.
"""

from __future__ import annotations

import base64
import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Thread, Timer
from typing import IO, Any, cast

from PIL import Image

from image_search import icc
from image_search.errors import DamagedHeicError

_CHILD = Path(__file__).with_name("heic_child.py")
# 48 megapixels take 1.5 s and 300 MB of address space on two shared cores.
_SECONDS = 20
_MEGABYTES = 1024
# EXIF of 64 kB, a profile of 3 MB, in base64.
_MAX_HEADER = 16 * 2**20
# The coded image may be a little larger than the size that is reported before decoding.
_SLACK = 2
# Rows per strip.
_STRIP = 256
_BANDS = {"L": 1, "LA": 2, "La": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}
# prctl(2)
_PR_SET_DUMPABLE = 4


@dataclass(frozen=True)
class Heic:
    """The primary image of a file; libheif has already applied the orientation."""

    image: Image.Image
    exif: bytes
    """An offset comes before the TIFF header."""
    xmp: bytes
    profile: bytes | None


def is_available() -> bool:
    """Whether the decoder is installed."""
    return find_spec("_pi_heif") is not None


def decode(data: bytes, allow: Callable[[int, int], None]) -> Heic:
    """Decode the primary image.

    `allow` is called with the width and height first, and may raise to refuse them.

    Raises:
        DamagedHeicError: the file does not decode within the limits on time and memory.
    """
    with _child(data) as answer:
        promised = _header(answer)
        allow(promised["width"], promised["height"])
        about = _header(answer)
        if _pixels_of(about) > _SLACK * _pixels_of(promised):
            raise DamagedHeicError("it has more pixels than it says")
        image = _pixels(answer, (about["width"], about["height"]), about["mode"])
    return Heic(image, _decoded(about, "exif"), _decoded(about, "xmp"), _profile(about))


@contextmanager
def _child(data: bytes) -> Iterator[IO[bytes]]:
    """The standard output of the child, which is killed when the block ends."""
    _protect_this_process()
    spec = find_spec("_pi_heif")
    if spec is None or spec.origin is None:
        raise DamagedHeicError("its decoder is not installed")
    limits = (str(_MEGABYTES), str(_SECONDS))
    command = [sys.executable, "-I", "-S", str(_CHILD), spec.origin, *limits]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=_environment(), cwd="/"
    ) as process:
        timer = Timer(_SECONDS, process.kill)
        writer = Thread(target=_send, args=(process.stdin, data))
        timer.start()
        writer.start()
        try:
            yield cast(IO[bytes], process.stdout)
        finally:
            timer.cancel()
            process.kill()
            writer.join()


@cache
def _protect_this_process() -> None:
    """Keep processes of the same user from tracing this one and from reading its memory."""
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _environment() -> dict[str, str]:
    """Only the path of the interpreter's shared library, which Lambda's interpreter needs."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}


def _send(pipe: IO[bytes], data: bytes) -> None:
    try:
        with pipe:
            pipe.write(data)
    except OSError:
        pass  # the child has exited; its empty output shows that


def _header(answer: IO[bytes]) -> dict[str, Any]:
    """The image as the child describes it, checked: an exploit may have written it."""
    try:
        about = json.loads(answer.readline(_MAX_HEADER))
        if about["mode"] in _BANDS and min(int(about["width"]), int(about["height"])) > 0:
            return dict(about)
    except (ValueError, KeyError, TypeError):
        pass
    raise DamagedHeicError("it is damaged, or of a kind that is not read")


def _pixels_of(about: dict[str, Any]) -> int:
    return int(about["width"] * about["height"])


def _pixels(answer: IO[bytes], size: tuple[int, int], mode: str) -> Image.Image:
    width, height = size
    image = Image.new(mode.replace("a", "A"), size)
    for top in range(0, height, _STRIP):
        rows = min(_STRIP, height - top)
        values = answer.read(width * rows * _BANDS[mode])
        if len(values) < width * rows * _BANDS[mode]:
            raise DamagedHeicError("it is damaged, or cut off")
        strip = Image.frombytes(mode, (width, rows), values)
        image.paste(strip.convert(image.mode), (0, top))
    return image


def _decoded(about: dict[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(about.get(name, ""))
    except (ValueError, TypeError):
        return b""


def _profile(about: dict[str, Any]) -> bytes | None:
    primaries, transfer = about.get("nclx") or (None, None)
    return _decoded(about, "profile") or icc.of_photograph(primaries, transfer)
