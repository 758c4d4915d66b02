"""How long each form of a query takes through the whole local stack: p50 and p95.

`python -m bench.queries` starts the stack of `make demo` with the offline model, puts photographs
into it and fills the index with made-up records to each size. Each form is asked in turns, so that
a busy moment meets all of them. The times are those of a client of the emulated CloudFront; those
of the function (the sum of `timings_ms`) are beside them. The index is the local one, which
compares with every record; Pinecone is on the other side of a network and does not.
"""

from __future__ import annotations

import base64
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from image_search.pinecone_index import Metadata, Record, VectorIndex
from local.service import free_port
from local.stack import BUNDLE, SAMPLES, LocalStack, started
from local.user import User

_SIZES = (1, 100, 10_000)
_ROUNDS = 60
_KEY, _OTHER, _LARGE = "animals/cat-chelsea.jpg", "animals/red-panda.jpg", "large.jpg"
_UPSERT = 100
Ask = Callable[[httpx.Client], httpx.Response]


def main() -> None:
    """Measure and print a table per size."""
    with (
        tempfile.TemporaryDirectory() as data,
        started(Path(data), BUNDLE, free_port(), free_port(), print) as local,
    ):
        user = User(local)
        user.put(_KEY, (SAMPLES / _KEY).read_bytes())
        user.wait_until_indexed(_KEY)
        for size in _SIZES:
            _fill(local, user, size)
            _print(size, _measured(user.http))


def _fill(local: LocalStack, user: User, size: int) -> None:
    """Two more photographs, and made-up records up to the size."""
    if size > 1:
        for key, photograph in ((_OTHER, (SAMPLES / _OTHER).read_bytes()), (_LARGE, _large())):
            user.put(key, photograph)
            user.wait_until_indexed(key)
    index = VectorIndex(
        local.stack.outputs["IndexHost"], lambda: "local", local.stack.outputs["Bundle"]
    )
    random = np.random.default_rng(size)
    missing = size - index.count()
    for start in range(0, missing, _UPSERT):
        vectors = random.normal(size=(min(_UPSERT, missing - start), 512)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        index.upsert([_record(f"made/up/{size}-{start + n}", v) for n, v in enumerate(vectors)])


def _record(key: str, vector: np.ndarray) -> Record:
    metadata = Metadata(key, "0" * 32, 100_000, 1280, 853, "image/jpeg", 1_700_000_000, "")
    return Record(vector, metadata)


def _large() -> bytes:
    """A photograph of 12 megapixels."""
    file = io.BytesIO()
    with Image.open(SAMPLES / _KEY) as image:
        image.resize((4000, 3000)).save(file, "JPEG", quality=90)
    return file.getvalue()


def _forms() -> dict[str, Ask]:
    """The forms of a query, by name."""
    picture = base64.b64encode((SAMPLES / _KEY).read_bytes()).decode()
    words = (f"a picture of {number} things" for number in range(10**6))
    return {
        "words, new": lambda client: _get(client, text=next(words)),
        "words, asked before": lambda client: _get(client, text="a red car"),
        "key, stored vector": lambda client: _get(client, key=_KEY),
        "key, filtered": lambda client: _get(client, key=_KEY, orientation="landscape"),
        "key − words": lambda client: _get(client, key=_KEY, not_text="a red car"),
        "key, collapsed": lambda client: _get(client, key=_KEY, collapse="true"),
        "crop of 450 × 300": lambda client: _get(client, key=_KEY, crop="0,0,1,0.9"),
        "crop of 12 megapixels": lambda client: _get(client, key=_LARGE, crop="0,0,1,0.9"),
        "picture in the request": lambda client: client.post(
            "/api/search", json={"terms": [{"image": picture}]}
        ),
    }


def _get(client: httpx.Client, **query: str) -> httpx.Response:
    return client.get("/api/search", params=query)


def _measured(client: httpx.Client) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds of the client and of the function, by form; what is not stored is left out."""
    forms = {name: ask for name, ask in _forms().items() if ask(client).is_success}
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in forms}
    for _ in range(_ROUNDS):
        for name, ask in forms.items():
            start = time.perf_counter()
            answer = ask(client).raise_for_status().json()
            times[name][0].append((time.perf_counter() - start) * 1000)
            times[name][1].append(sum(answer["timings_ms"].values()))
    return times


def _print(size: int, times: dict[str, tuple[list[float], list[float]]]) -> None:
    print(f"\n{size:,} images\n{'':24}{'client p50':>12}{'p95':>8}{'function p50':>15}{'p95':>8}")
    for name, (client, function) in times.items():
        cells = [float(np.percentile(ms, q)) for ms in (client, function) for q in (50, 95)]
        print(f"{name:24}{cells[0]:12.1f}{cells[1]:8.1f}{cells[2]:15.1f}{cells[3]:8.1f}")


if __name__ == "__main__":
    main()
