"""How long the forms of a query take through the whole local stack: p50 and p95.

`python -m bench.queries` starts the stack of `make demo` with the offline model, puts photographs
into it and fills the index with made-up records to each size. The forms take turns; words, crops
and images are new in every round, for the function keeps the vectors of recent texts. The times
are those of a client of the emulated CloudFront. The index is the local one, which compares with
every record; Pinecone is on the other side of a network and does not.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from functools import partial

import httpx
import numpy as np

from bench.measure import SAMPLES, in_turns, table
from bench.pictures import KINDS, jpegs
from bench.stack import index_of, local_stack
from image_search.pinecone_index import VectorIndex
from image_search.records import Metadata, Record
from local.user import User

_SIZES = (1, 100, 10_000)
_ROUNDS = 60
_KEY, _LARGE = "animals/cat-chelsea.jpg", "large.jpg"
_UPSERT = 100


def main() -> None:
    """Measure and print a table per size."""
    with local_stack() as local:
        user, index = User(local), index_of(local)
        _put(user, _KEY, (SAMPLES / _KEY).read_bytes())
        for size in _SIZES:
            if size > 1:
                _put(user, _LARGE, next(jpegs(KINDS[-1], 0)))
            _fill(index, size)
            times = in_turns(_forms(user.http, size), _ROUNDS)
            print(f"\n{size:,} images, ms, p50 / p95 of {_ROUNDS} rounds in turns\n")
            print(table(["", "client"], {name: [_cell(ms)] for name, ms in times.items()}))


def _cell(milliseconds: list[float]) -> str:
    median, late = np.percentile(milliseconds, [50, 95])
    return f"{median:.1f} / {late:.1f}"


def _put(user: User, key: str, data: bytes) -> None:
    user.put(key, data)
    user.wait_until_indexed(key)


def _fill(index: VectorIndex, size: int) -> None:
    """Made-up records up to the size."""
    random = np.random.default_rng(size)
    missing = size - index.count()
    for start in range(0, missing, _UPSERT):
        vectors = random.normal(size=(min(_UPSERT, missing - start), 512)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        index.upsert([_record(f"made/up/{size}-{start + n}", v) for n, v in enumerate(vectors)])


def _record(key: str, vector: np.ndarray) -> Record:
    metadata = Metadata(key, "0" * 32, 100_000, 1280, 853, "image/jpeg", 1_700_000_000, "")
    return Record(vector, metadata)


def _forms(client: httpx.Client, size: int) -> dict[str, Callable[[int], float]]:
    """The forms of a query, by name; each makes its input from the number of the round."""
    get, post = partial(_timed, client.get), partial(_timed, client.post)

    def picture(number: int) -> float:
        image = base64.b64encode(next(jpegs(KINDS[0], size + number))).decode()
        return post(json={"terms": [{"image": image}]})

    forms: dict[str, Callable[[int], float]] = {
        "words, new": lambda n: get(params={"text": f"a picture of {size + n} things"}),
        "key, stored vector": lambda _: get(params={"key": _KEY}),
        "picture in the request": picture,
    }
    if size > 1:
        forms["part of a 12 MP image"] = lambda n: get(
            params={"key": _LARGE, "crop": f"0,0,1,{0.9 - n / 1000}"}
        )
    return forms


def _timed(ask: Callable[..., httpx.Response], **request: object) -> float:
    start = time.perf_counter()
    ask("/api/search", **request).raise_for_status()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
