"""What a query takes with 100,000 images: `python -m bench.queries`.

Made-up records fill the index of the local stack. Every form of a query is asked in turns, with new
words and pictures in every round. `function` is the handler of the search function in this process,
and `index` the part of it that waits for the index and for S3, which are local ones here. `client`
is the whole way through the emulated CloudFront.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx
import numpy as np

from bench.measure import in_turns, print_results
from bench.pictures import KINDS, jpegs
from deploy.stack import vectors_of
from image_search.records import Metadata, Record
from image_search.services import Services
from image_search.settings import Settings
from local.stack import SAMPLES, started
from local.user import User
from search_api.application import create_app
from tests.unit.lambdas import Context, http_event

_IMAGES, _ROUNDS = 100_000, 100
_BATCH, _DIMENSION = 150, 512  # a request may carry little more
_KEY = "animals/cat-chelsea.jpg"
# A query from the number of the round: its parameters and its body.
Form = Callable[[int], tuple[dict[str, str], Any]]


def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as data, started(Path(data)) as local:
        user = User(local)
        user.put(_KEY, (SAMPLES / _KEY).read_bytes())
        user.wait_until_indexed(_KEY)
        vectors = vectors_of(local.stack.outputs)
        for start in range(0, _IMAGES, _BATCH):
            vectors.upsert(_records(range(start, min(start + _BATCH, _IMAGES))))
        environment = local.configuration("SearchFunction")["Environment"]["Variables"]
        with patch.dict(os.environ, environment), redirect_stdout(None):  # of metrics
            handler = create_app(Services.from_settings(Settings.from_environment()))
            jobs = {
                name: partial(_times, handler, user.http, form) for name, form in _forms().items()
            }
            times = in_turns(jobs, _ROUNDS)
    title = f"{_IMAGES:,} images, ms, p50 / p99 of {_ROUNDS} rounds in turns"
    print_results(title, times, _percentiles)


def _records(numbers: range) -> list[Record]:
    """Made-up records, of which one in a hundred is in a folder of its own."""
    values = np.random.default_rng(numbers.start).normal(size=(len(numbers), _DIMENSION))
    units = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    keys = [f"made/{'few' if n % 100 == 0 else 'many'}/{n}" for n in numbers]
    return [
        Record(unit, Metadata(key, "0" * 32, 9, 1280, 853, "image/jpeg", 1_700_000_000 + n, ""))
        for n, key, unit in zip(numbers, keys, units, strict=True)
    ]


def _forms() -> Mapping[str, Form]:
    def words(number: int, **more: str) -> tuple[dict[str, str], Any]:
        return {"text": f"{number} things {' '.join(more.values())}", **more}, None

    def picture(number: int) -> tuple[dict[str, str], Any]:
        image = base64.b64encode(next(jpegs(KINDS[0], number))).decode()
        return {}, {"terms": [{"image": image}]}

    return {
        "words, new": words,
        "words, repeated": lambda _: ({"text": "a picture of things"}, None),
        "key, stored vector": lambda _: ({"key": _KEY}, None),
        "words, duplicates folded": partial(words, collapse="true"),
        "words, a filter that one in a hundred passes": partial(words, folder="made/few/"),
        "words, a filter that nothing passes": partial(words, folder="made/none/"),
        "words, a filter that everything passes": partial(words, folder="made/"),
        "picture in the request": picture,
    }


def _times(
    handler: Callable[..., dict[str, Any]], client: httpx.Client, form: Form, number: int
) -> dict[str, float]:
    """Milliseconds of the function, of the index and S3 in it, and of a client."""
    query, body = form(2 * number)
    method = "POST" if body else "GET"
    event = http_event(method, "/api/search", query, body)
    start = time.perf_counter()
    answer = handler(event, Context())
    function = time.perf_counter() - start
    if answer["statusCode"] != httpx.codes.OK:
        raise SystemExit(f"the search function failed: {answer}")
    spent = json.loads(answer["body"])["timings_ms"]
    query, body = form(2 * number + 1)
    start = time.perf_counter()
    client.request(method, "/api/search", params=query, json=body).raise_for_status()
    through = time.perf_counter() - start
    index = spent["query"] + spent.get("read", 0)
    return {"function": function * 1000, "index": index, "client": through * 1000}


def _percentiles(milliseconds: Sequence[float]) -> str:
    return " / ".join(f"{value:.1f}" for value in np.percentile(milliseconds, [50, 99]))


if __name__ == "__main__":
    main()
