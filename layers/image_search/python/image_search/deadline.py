"""The deadline of a request, which every call to a service knows.

A request that has no deadline, such as a batch of the index function, may take any time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import partial
from types import TracebackType
from typing import ParamSpec, TypeVar

from image_search.errors import DeadlineError

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")
_ends: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give everything in a block, and in pools that it uses, this much time."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def require(seconds: float) -> None:
    """Refuse to begin an operation of this length that could not end in time.

    Raises:
        DeadlineError: less time is left.
    """
    if _left() < seconds:
        raise DeadlineError


def _left() -> float:
    ends = _ends.get()
    return math.inf if ends is None else ends - time.monotonic()


def bounded(call: Callable[[], T]) -> T:
    """The result of a call, which is abandoned at the deadline.

    Raises:
        DeadlineError: no time is left.
    """
    if _ends.get() is None:
        return call()
    require(0)
    thread = ThreadPoolExecutor(1)
    future = thread.submit(copy_context().run, call)
    thread.shutdown(wait=False)
    wait([future], _left())
    if not future.done():
        raise DeadlineError
    return future.result()


class Pool:
    """Threads that know the deadline of their caller.

    A block that ends with an exception waits for none of them: what has not begun is cancelled.
    """

    def __init__(self, workers: int) -> None:
        """Start no thread yet."""
        self._threads = ThreadPoolExecutor(workers)

    def __enter__(self) -> Pool:
        """Return the pool itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for the threads if nothing failed."""
        self._threads.shutdown(wait=error is None, cancel_futures=error is not None)

    def submit(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function in a thread."""
        return self._threads.submit(copy_context().run, partial(call, *args, **kwargs))

    def map(self, call: Callable[[S], T], items: Iterable[S]) -> Iterator[T]:
        """The results for all items, in their order."""
        futures = [self.submit(call, item) for item in items]
        return (future.result() for future in futures)
