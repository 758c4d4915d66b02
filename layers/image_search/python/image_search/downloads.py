"""The bundle's files, on their way from the model bucket while a process imports the rest."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from image_search.s3 import Bucket
from image_search.settings import settings

_coming: dict[str, Future[bytes]] = {}
_reader = ThreadPoolExecutor(1)


def fetch(*names: str) -> None:
    """Begin to read files, in this order."""
    for name in names:
        _coming[name] = _reader.submit(_read, name)


def take(name: str) -> bytes:
    """The bytes of a file, which are not kept."""
    coming = _coming.pop(name, None)
    return coming.result() if coming else _read(name)


def read(bundle: str, name: str) -> bytes:
    """The bytes of a file of any bundle."""
    return Bucket(settings().model_bucket).read_key(f"{bundle}/{name}")


def _read(name: str) -> bytes:
    return read(settings().bundle, name)
