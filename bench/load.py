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
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import httpx
import numpy as np
from PIL import Image

from bench.measure import arguments
from bench.pictures import encoded
from deploy.doctor import checker, queue_everything
from image_search.uploads_queue import UploadsQueue
from image_search.walk import RECORDS, compare
from local.stack import LocalStack, started
from local.user import User, until

_UPLOADERS, _PUTS_A_SECOND = 8, 5
# The emulator starts a process for each search at a time; more would starve one another here.
_SEARCHERS = 4
# Of the flood; two of the functions that may run index.
_FUNCTIONS, _FLOOD_CLIENTS = 2 + _SEARCHERS, 16
# As long as the queue hides what a killed function held, and some.
_PATIENCE_SECONDS = 1200
_T = TypeVar("_T")


def main() -> int:
    """Measure and print; the exit status is 1 if an image was lost or an answer was 5xx.

    `rate` is in searches a second, for so many `seconds`; `flood` is the number of its searches.
    """
    given = arguments("load", images=10_000, rate=50.0, seconds=300.0, flood=1000)
    os.environ["LAMBDA_ACCOUNT_CONCURRENCY"] = str(_FUNCTIONS)  # which the emulator reads
    with TemporaryDirectory() as data, started(Path(data)) as local:
        _put(local, given.images)
        with ThreadPoolExecutor(1) as pool:
            put = partial(_put_image, User(local), "meanwhile")
            meanwhile = pool.submit(_at_rate, put, _PUTS_A_SECOND, given.seconds, workers=1)
            statuses = _search(local.client(), given.rate, given.seconds)
            images = given.images + len(meanwhile.result())
        _drain(local)
        statuses += _flood(local.client(), given.flood)
        with _timed(images, "queued again and looked at"):
            queue_everything(local.stack.outputs)
            _drain(local)
        with _timed(images, "compared"):
            report = compare(checker(local.stack.outputs))
    lost = max(report.discrepancies, images - report.seen[RECORDS])
    print(f"{images} images in the end, {lost} lost")
    return int(lost > 0 or max(statuses) >= 500)


@contextmanager
def _timed(images: int, done: str) -> Iterator[None]:
    """Print how long the block took, and the rate."""
    start = time.monotonic()
    yield
    seconds = time.monotonic() - start
    print(f"{images} images {done} in {seconds:.1f} s ({images / seconds:.0f} a second)")


def _put(local: LocalStack, images: int) -> None:
    """Put so many images at once and wait for the last."""
    put = partial(_put_image, User(local), "at-once")
    with _timed(images, "put and indexed"):
        with _timed(images, "put"), ThreadPoolExecutor(_UPLOADERS) as pool:
            list(pool.map(put, range(images)))
        _drain(local)


def _put_image(user: User, folder: str, number: int) -> None:
    """Put the small image of a number."""
    color = tuple(np.random.default_rng(number).bytes(3))
    user.put(f"{folder}/{number}.png", encoded(Image.new("RGB", (64, 48), color), "PNG"))


def _drain(local: LocalStack) -> None:
    """Wait until no event waits or is in work."""
    queue = UploadsQueue(local.stack.outputs["UploadsQueue"])
    until(lambda: queue.waiting() == 0, "the queue is not empty yet", _PATIENCE_SECONDS)


def _at_rate(
    run: Callable[[int], _T], rate: float, seconds: float, workers: int
) -> list[tuple[_T, float]]:
    """Results of `run` by number, each with the milliseconds from when it was due to its end."""
    start = time.monotonic()

    def one(number: int) -> tuple[_T, float]:
        due = start + number / rate
        time.sleep(max(0.0, due - time.monotonic()))
        return run(number), (time.monotonic() - due) * 1000

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(int(rate * seconds))))


def _asking(client: httpx.Client, words: str) -> Callable[[int], int]:
    """A function that searches by words and a number; returns the status."""
    return lambda number: (
        client.get("/api/search", params={"text": words.format(number)}).status_code
    )


def _search(client: httpx.Client, rate: float, seconds: float) -> Counter[int]:
    """Search at a rate; returns how often each status was answered."""
    ask = _asking(client, "a picture of {} things")
    with ThreadPoolExecutor(_SEARCHERS) as pool:  # starts the processes
        list(pool.map(ask, range(-_SEARCHERS, 0)))
    answers = _at_rate(ask, rate, seconds, _SEARCHERS)
    statuses = Counter(status for status, _ in answers)
    p50, p95, p99 = np.percentile([ms for _, ms in answers], [50, 95, 99])
    print(f"{len(answers)} searches at {rate:g} a second: {dict(statuses)}")
    print(f"  p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms")
    return statuses


def _flood(client: httpx.Client, searches: int) -> Counter[int]:
    """Search with more clients than may run; returns how often each status was answered."""
    ask, start = _asking(client, "a flood of {}"), time.monotonic()
    with ThreadPoolExecutor(_FLOOD_CLIENTS) as pool:
        statuses = Counter(pool.map(ask, range(searches)))
    over = time.monotonic()
    until(lambda: ask(searches) == 200, "no search is answered after the flood")
    print(f"{_FLOOD_CLIENTS} clients, {_SEARCHERS} may run, {over - start:.1f} s: {dict(statuses)}")
    print(f"  answered again {(time.monotonic() - over) * 1000:.0f} ms after the flood")
    return statuses


if __name__ == "__main__":
    sys.exit(main())
