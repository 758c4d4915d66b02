"""How long each form of a query takes through the whole local stack: p50 and p95.

`python -m bench.queries` starts the stack of `make demo` with the offline model, puts photographs
into it and fills the index with made-up records to each size. The forms take turns. Words, crops
and pictures are new in every round; the function keeps the vectors of recent texts, so words asked
before have a line of their own. The times are those of a client of the emulated CloudFront; those
of the function (the sum of `timings_ms`) are beside them. The index is the local one, which
compares with every record; Pinecone is on the other side of a network and does not.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import NamedTuple

import httpx
import numpy as np

from bench.measure import SAMPLES, in_turns, table
from bench.pictures import KINDS, encoded, images
from bench.stack import LocalStack, User, index_of, local_stack
from image_search.pinecone_index import Metadata, Record

_SIZES = (1, 100, 10_000)
_ROUNDS = 60
_KEY, _OTHER, _LARGE = "animals/cat-chelsea.jpg", "animals/red-panda.jpg", "large.jpg"
_UPSERT = 100


class Times(NamedTuple):
    """Milliseconds of one query."""

    client: float
    function: float


def main() -> None:
    """Measure and print a table per size."""
    with local_stack() as local:
        user = User(local)
        for size in _SIZES:
            _fill(local, user, size)
            times = in_turns(_forms(user.http, size), _ROUNDS)
            rows = {name: _cells(runs) for name, runs in times.items()}
            print(f"\n{size:,} images, ms, p50 / p95 of {_ROUNDS} rounds in turns\n")
            print(table(["", "client", "function"], rows))


def _cells(times: list[Times]) -> list[str]:
    p50, p95 = np.percentile(np.array(times), [50, 95], axis=0)
    return [f"{median:.1f} / {late:.1f}" for median, late in zip(p50, p95, strict=True)]


def _fill(local: LocalStack, user: User, size: int) -> None:
    """Photographs, and made-up records up to the size."""
    _put(user, {_KEY: (SAMPLES / _KEY).read_bytes()})
    if size > 1:
        large = encoded(next(images(KINDS[-1], 0)))
        _put(user, {_OTHER: (SAMPLES / _OTHER).read_bytes(), _LARGE: large})
    index = index_of(local)
    random = np.random.default_rng(size)
    missing = size - index.count()
    for start in range(0, missing, _UPSERT):
        vectors = random.normal(size=(min(_UPSERT, missing - start), 512)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        index.upsert([_record(f"made/up/{size}-{start + n}", v) for n, v in enumerate(vectors)])


def _put(user: User, photographs: dict[str, bytes]) -> None:
    for key, data in photographs.items():
        user.put(key, data)
        user.wait_until_indexed(key)


def _record(key: str, vector: np.ndarray) -> Record:
    metadata = Metadata(key, "0" * 32, 100_000, 1280, 853, "image/jpeg", 1_700_000_000, "")
    return Record(vector, metadata)


def _forms(client: httpx.Client, size: int) -> dict[str, Callable[[int], Times]]:
    """The forms of a query, by name; each makes its input from the number of the round."""

    def form(**query: str) -> Callable[[int], Times]:
        """`{n}` and `{part}` in a value differ from round to round."""

        def ask(number: int) -> Times:
            new = {"n": size + number, "part": 0.9 - number / 1000}
            values = {name: value.format(**new) for name, value in query.items()}
            return _timed(lambda: client.get("/api/search", params=values))

        return ask

    def picture(number: int) -> Times:
        photograph = base64.b64encode(encoded(next(images(KINDS[0], size + number)))).decode()
        terms = {"terms": [{"image": photograph}]}
        return _timed(lambda: client.post("/api/search", json=terms))

    forms = {
        "words, new": form(text="a picture of {n} things"),
        "words, asked before": form(text="a red car"),
        "key, stored vector": form(key=_KEY),
        "key, filtered": form(key=_KEY, orientation="landscape"),
        "key − new words": form(key=_KEY, not_text="{n} red cars"),
        "key, collapsed": form(key=_KEY, collapse="true"),
        "part of a small image": form(key=_KEY, crop="0,0,1,{part}"),
        "part of a 12 MP image": form(key=_LARGE, crop="0,0,1,{part}"),
        "picture in the request": picture,
    }
    if size == 1:
        del forms["part of a 12 MP image"]  # which is not stored yet
    return forms


def _timed(ask: Callable[[], httpx.Response]) -> Times:
    start = time.perf_counter()
    answer = ask().raise_for_status()
    client = (time.perf_counter() - start) * 1000
    return Times(client, sum(answer.json()["timings_ms"].values()))


if __name__ == "__main__":
    main()
