"""What the search function takes at 100,000 images: p50 and p99 of each form of a query.

`python -m bench.queries` fills the index of the local stack with made-up records and asks in turns;
words, crops and pictures are new in every round. `function` is what the function says it took
(`timings_ms`: to embed, and to ask the index, which is the local one here and compares with every
record); `client` is the whole way through the emulated CloudFront.
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

_IMAGES, _ROUNDS, _UPSERT = 100_000, 100, 500
_KEY = "animals/cat-chelsea.jpg"


def main() -> None:
    """Measure and print."""
    with local_stack() as local:
        user = User(local)
        user.put(_KEY, (SAMPLES / _KEY).read_bytes())
        user.wait_until_indexed(_KEY)
        _fill(index_of(local))
        times = in_turns(_forms(user.http), _ROUNDS)
    print(f"\n{_IMAGES:,} images, ms, p50 / p99 of {_ROUNDS} rounds in turns\n")
    rows = {name: [_cell(part) for part in zip(*runs, strict=True)] for name, runs in times.items()}
    print(table(["", "embed", "index", "client"], rows))


def _cell(milliseconds: tuple[float, ...]) -> str:
    median, late = np.percentile(milliseconds, [50, 99])
    return f"{median:.1f} / {late:.1f}"


def _fill(index: VectorIndex) -> None:
    """Made-up records, of which one in a hundred is in a folder of its own."""
    random = np.random.default_rng(0)
    for start in range(0, _IMAGES, _UPSERT):
        vectors = random.normal(size=(_UPSERT, 512)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        index.upsert([_record(start + n, vector) for n, vector in enumerate(vectors)])


def _record(number: int, vector: np.ndarray) -> Record:
    key = f"made/{'few' if number % 100 == 0 else 'many'}/{number}"
    return Record(
        vector, Metadata(key, "0" * 32, 100_000, 1280, 853, "image/jpeg", 1_700_000_000, "")
    )


def _forms(client: httpx.Client) -> dict[str, Callable[[int], tuple[float, ...]]]:
    """The forms of a query by name; each makes its input from the number of the round."""
    get, post = partial(_timed, client.get), partial(_timed, client.post)

    def picture(number: int) -> tuple[float, ...]:
        image = base64.b64encode(next(jpegs(KINDS[0], number))).decode()
        return post(json={"terms": [{"image": image}]})

    return {
        "words, new": lambda n: get(params={"text": f"a picture of {n} things"}),
        "words, repeated": lambda _: get(params={"text": "a picture of things"}),
        "key, stored vector": lambda _: get(params={"key": _KEY}),
        "words, a folder of one in a hundred": lambda n: get(
            params={"text": f"a drawing of {n} things", "folder": "made/few/"}
        ),
        "picture in the request": picture,
    }


def _timed(ask: Callable[..., httpx.Response], **request: object) -> tuple[float, ...]:
    start = time.perf_counter()
    answer = ask("/api/search", **request).raise_for_status().json()
    spent = answer["timings_ms"]
    return spent.get("embed", 0.0), spent["query"], (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
