"""Many images at once, searches meanwhile, and more searches than there may be.

`make load` starts the stack of `make demo` with the offline model. It puts small images as fast as
the emulator takes them and waits until the queue is empty; searches at a fixed rate while images
are put, where a search's time counts from when it was due; and searches with more clients than
functions may run, of which the surplus is refused with 429. In the end everything is queued again
and doctor compares. No two searches have the same words. Emulator, functions, index and clients
share this machine's processors; what bounds searches on AWS before the account's concurrency,
SearchConcurrency and the rates of the routes, the emulator does not know.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count

import httpx
import numpy as np
from PIL import Image

from bench.measure import arguments
from bench.pictures import encoded
from bench.stack import local_stack
from deploy.doctor import checker, queue_everything
from image_search.uploads_queue import UploadsQueue
from image_search.walk import RECORDS, compare
from local.stack import LocalStack
from local.user import User, until

_UPLOADERS = 8
# The emulator starts a process for each search at a time; more would starve one another here.
_SEARCHERS = 4
# Of the flood; two of the functions that may run index.
_FUNCTIONS, _FLOOD_CLIENTS = 2 + _SEARCHERS, 16
_POLL_SECONDS = 0.2
# As long as the queue hides what a killed function held, and some.
_PATIENCE_SECONDS = 1200


def main() -> int:
    """Measure and print; the exit status is 1 if an image was lost or an answer was 5xx.

    `rate` is in searches a second, `seconds` and `flood` are for how long.
    """
    given = arguments("load", images=10_000, rate=50.0, seconds=300.0, flood=10.0)
    os.environ["LAMBDA_ACCOUNT_CONCURRENCY"] = str(_FUNCTIONS)  # which the emulator reads
    with local_stack() as local:
        _put(local, given.images)
        with _indexing(User(local)) as put:
            failed = _search(local.client(), given.rate, given.seconds)
        images = given.images + len(put)
        _drain(local)
        failed += _flood(local.client(), given.flood)
        with _timed(images, "queued again and looked at"):
            queue_everything(local.stack.outputs)
            _drain(local)
        lost = _lost(local, images)
        print(f"{images} images in the end, {lost} lost")
    return int(lost > 0 or failed > 0)


@contextmanager
def _timed(images: int, done: str) -> Iterator[None]:
    """Print how long the block took, and the rate."""
    start = time.monotonic()
    yield
    seconds = time.monotonic() - start
    print(f"{images} images {done} in {seconds:.1f} s ({images / seconds:.0f} a second)")


def _put(local: LocalStack, images: int) -> None:
    """Put so many images at once and wait for the last."""
    user = User(local)
    with _timed(images, "put and indexed"):
        with _timed(images, "put"), ThreadPoolExecutor(_UPLOADERS) as pool:
            list(pool.map(lambda number: user.put(f"{number}.png", _png(number)), range(images)))
        _drain(local)


def _lost(local: LocalStack, images: int) -> int:
    """How many of so many images are not indexed as they should be."""
    with _timed(images, "compared"):
        report = compare(checker(local.stack.outputs))
    return max(report.discrepancies, images - report.seen[RECORDS])


def _drain(local: LocalStack) -> None:
    """Wait until no event waits or is in work."""
    queue = UploadsQueue(local.stack.outputs["UploadsQueue"])
    until(lambda: queue.waiting() == 0, "the queue is not empty yet", _PATIENCE_SECONDS)


@contextmanager
def _indexing(user: User) -> Iterator[list[str]]:
    """Put images one after the other until the block ends; gives their keys."""
    stop, keys = threading.Event(), list[str]()

    def put() -> None:
        while not stop.wait(_POLL_SECONDS):
            keys.append(f"meanwhile/{len(keys)}.png")
            user.put(keys[-1], _png(len(keys)))

    with ThreadPoolExecutor(1) as pool:
        putting = pool.submit(put)
        try:
            yield keys
        finally:
            stop.set()
        putting.result()


def _search(client: httpx.Client, rate: float, seconds: float) -> int:
    """Search at a rate; returns the number of answers 5xx."""

    def ask(number: int, due: float) -> tuple[int, float]:
        time.sleep(max(0.0, due - time.monotonic()))
        answer = client.get("/api/search", params={"text": f"a picture of {number} things"})
        return answer.status_code, (time.monotonic() - due) * 1000

    with ThreadPoolExecutor(_SEARCHERS) as pool:
        list(pool.map(ask, range(-_SEARCHERS, 0), [0.0] * _SEARCHERS))  # starts the processes
        start, numbers = time.monotonic(), range(int(rate * seconds))
        answers = list(pool.map(ask, numbers, (start + number / rate for number in numbers)))
    statuses = Counter(status for status, _ in answers)
    p50, p95, p99 = np.percentile([ms for _, ms in answers], [50, 95, 99])
    print(f"{len(answers)} searches at {rate:g} a second: {dict(statuses)}")
    print(f"  p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms")
    return _server_errors(statuses)


def _flood(client: httpx.Client, seconds: float) -> int:
    """Search with more clients than may run; returns the number of answers 5xx."""
    numbers, end = count(), time.monotonic() + seconds

    def ask() -> int:
        text = f"a flood of {next(numbers)}"
        return client.get("/api/search", params={"text": text}).status_code

    def flood(_client: int) -> list[int]:
        return list(iter(lambda: ask() if time.monotonic() < end else 0, 0))

    with ThreadPoolExecutor(_FLOOD_CLIENTS) as pool:
        statuses = Counter(
            status for some in pool.map(flood, range(_FLOOD_CLIENTS)) for status in some
        )
    over = time.monotonic()
    until(lambda: ask() == 200, "no search is answered after the flood")
    print(f"{_FLOOD_CLIENTS} clients, {_SEARCHERS} may run, {seconds:g} s: {dict(statuses)}")
    print(f"  answered again {(time.monotonic() - over) * 1000:.0f} ms after the flood")
    return _server_errors(statuses)


def _server_errors(statuses: Counter[int]) -> int:
    return sum(count for status, count in statuses.items() if status >= 500)


def _png(number: int) -> bytes:
    color = tuple(np.random.default_rng(number).bytes(3))
    return encoded(Image.new("RGB", (64, 48), color), "PNG")


if __name__ == "__main__":
    sys.exit(main())
