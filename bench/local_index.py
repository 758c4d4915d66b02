"""What the local index takes by itself, as `bench.queries` has filled it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from bench.measure import Figure, in_turns, percentiles, print_table
from image_search.filters import Filter
from image_search.pinecone_index import VectorIndex
from image_search.records import Metadata, Record
from local.stack import vector_index

IMAGES, ROUNDS, _RESTARTS = 100_000, 100, 3
# As much as a request may carry, and as much as a batch of the index function.
_LARGE, _SMALL = 150, 10
_BEST, _DIMENSION = 24, 512
FILTERS = {
    "one in a hundred passes": Filter("made/few/"),
    "nothing passes": Filter("made/none/"),
    "everything passes": Filter("made/"),
}


def fill(vectors: VectorIndex) -> None:
    """Store made-up records, of which one in a hundred is in a folder of its own."""
    for start in range(0, IMAGES, _LARGE):
        vectors.upsert(_records(range(start, min(start + _LARGE, IMAGES))))


def measure(data: Path, port: int, vectors: VectorIndex) -> None:
    """Start the filled index at its port and print what it takes."""
    restarts = [_restart(data, port) for _ in range(_RESTARTS)]
    with vector_index(data, port) as process:
        near = {f"a filter that {name}": wanted for name, wanted in FILTERS.items()}
        jobs: dict[str, Callable[[int], float]] = {
            "a vector": partial(_near, vectors, Filter()),
            "an id": lambda n: _timed(vectors.near_key, _key(7 * n), _BEST),
            **{name: partial(_near, vectors, wanted) for name, wanted in near.items()},
        }
        times = in_turns(jobs, ROUNDS)
        with _writing(vectors):
            busy = {"a vector, while batches are stored": jobs["a vector"]}
            times |= in_turns(busy, ROUNDS)
        memory = _megabytes(process.pid)
    rows = {name: [percentiles(some)] for name, some in times.items()}
    print_table(f"the local index alone, p50 / p99 of {ROUNDS} rounds in turns", ["ms"], rows)
    print(f"\nstart {Figure.of(restarts):.2f} s, best / median of {_RESTARTS}")
    print(f"memory {memory:.0f} MB, of which vectors {IMAGES * _DIMENSION * 4 / 1e6:.0f}")


def _records(numbers: range) -> list[Record]:
    values = _vectors(numbers.start, len(numbers))
    return [
        Record(
            vector,
            Metadata(_key(n), "0" * 32, 9, 1280, 853, "image/jpeg", 1_700_000_000 + n, ""),
        )
        for n, vector in zip(numbers, values, strict=True)
    ]


def _key(number: int) -> str:
    return f"made/{'few' if number % 100 == 0 else 'many'}/{number}"


def _vectors(seed: int, count: int) -> Any:
    values = np.random.default_rng(seed).normal(size=(count, _DIMENSION)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def _near(vectors: VectorIndex, wanted: Filter, number: int) -> float:
    return _timed(vectors.near_vector, _vectors(IMAGES + number, 1)[0], _BEST, wanted)


def _timed(run: Callable[..., object], *given: object) -> float:
    """Milliseconds of a call."""
    start = time.perf_counter()
    run(*given)
    return (time.perf_counter() - start) * 1000


def _restart(data: Path, port: int) -> float:
    start = time.perf_counter()
    with vector_index(data, port):
        return time.perf_counter() - start


@contextmanager
def _writing(vectors: VectorIndex) -> Iterator[None]:
    """Replace records, a batch after the other, until the block ends."""
    stop = threading.Event()

    def write() -> None:
        for start in count(step=_SMALL):
            if stop.is_set():
                return
            vectors.upsert(_records(range(start, start + _SMALL)))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            yield
        finally:
            stop.set()
        writing.result()


def _megabytes(process: int) -> float:
    """What a process has in memory; Linux says so."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
