"""Small requests for many keys at a time: no failure of one key stops the others of its batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

# Requests at a time, each of which only waits; S3's client has as many connections.
REQUESTS = 8


def without_traceback(error: Exception) -> Exception:
    """The error without its frames, which would keep the image in memory until the batch ends."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def each(writes: Mapping[str, Callable[[], None]]) -> dict[str, Exception]:
    """Write for every key; the errors of those that were refused, by key."""
    with ThreadPoolExecutor(REQUESTS) as pool:
        return errors_of({key: pool.submit(write) for key, write in writes.items()})


def errors_of(writes: Mapping[str, Future[None]]) -> dict[str, Exception]:
    """The errors of writes by key: no failure of one key may stop the others of its batch."""
    raised = {key: write.exception() for key, write in writes.items()}
    return {key: without_traceback(e) for key, e in raised.items() if isinstance(e, Exception)}
