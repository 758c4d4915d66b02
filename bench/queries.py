"""What a query takes with 100,000 images: `python -m bench.queries`.

Made-up records fill the index of the local stack. Every form of a query is asked in turns, with new
words and pictures in every round. `function` is the handler of the search function in this process,
and `index` the part of it that waits for the index and for S3, which are local ones here. `client`
is the whole way through the emulated CloudFront. Then the local index is measured alone.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import httpx

from bench import local_index
from bench.measure import in_turns, percentiles, print_table
from bench.pictures import KINDS, jpegs
from image_search.pinecone_index import VectorIndex, namespace
from image_search.services import Services
from image_search.settings import Settings
from local.service import free_port
from local.stack import BUNDLE, SAMPLES, LocalStack, started
from local.user import User
from search_api.application import create_app
from tests.unit.lambdas import Context, http_event

_KEY = "animals/cat-chelsea.jpg"
Handler = Callable[..., dict[str, Any]]
Query = dict[str, str]


def main() -> None:
    """Measure and print."""
    index_port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with started(data, BUNDLE, free_port(), index_port, lambda _: None) as local:
            environment = _environment(local)
            records = namespace(environment["IMAGES_BUCKET"], environment["BUNDLE"])
            vectors = VectorIndex(environment["INDEX_HOST"], lambda: "local", records)
            user = User(local)
            user.put(_KEY, (SAMPLES / _KEY).read_bytes())
            user.wait_until_indexed(_KEY)
            local_index.fill(vectors)
            _print_queries(environment, user.http)
        local_index.measure(data, index_port, vectors)


def _environment(local: LocalStack) -> dict[str, str]:
    """What the template sets for the search function."""
    name = local.function("SearchFunction")
    configuration = boto3.client("lambda").get_function_configuration(FunctionName=name)
    return dict(configuration["Environment"]["Variables"])


def _print_queries(environment: dict[str, str], client: httpx.Client) -> None:
    with patch.dict(os.environ, environment), redirect_stdout(None):  # metrics are printed
        handler = create_app(Services.from_settings(Settings.from_environment()))
        jobs = {name: partial(_times, handler, client, form) for name, form in _forms().items()}
        times = in_turns(jobs, local_index.ROUNDS)
    title = f"{local_index.IMAGES:,} images, ms, p50 / p99 of {local_index.ROUNDS} rounds in turns"
    rows = {name: list(map(percentiles, zip(*some, strict=True))) for name, some in times.items()}
    print_table(title, ["function", "index", "client"], rows)


def _forms() -> dict[str, Callable[[int], tuple[Query, Any]]]:
    """The forms of a query by name; each makes a query or a body from the number of the round."""

    def picture(number: int) -> tuple[Query, Any]:
        image = base64.b64encode(next(jpegs(KINDS[0], number))).decode()
        return {}, {"terms": [{"image": image}]}

    def words(number: int, **more: str) -> tuple[Query, Any]:
        return {"text": f"{number} things {' '.join(more.values())}", **more}, None

    return {
        "words, new": words,
        "words, repeated": lambda _: ({"text": "a picture of things"}, None),
        "key, stored vector": lambda _: ({"key": _KEY}, None),
        "words, duplicates folded": partial(words, collapse="true"),
        **{
            f"words, a filter that {name}": partial(words, folder=wanted.folder)
            for name, wanted in local_index.FILTERS.items()
        },
        "picture in the request": picture,
    }


def _times(
    handler: Handler, client: httpx.Client, form: Callable[[int], tuple[Query, Any]], number: int
) -> tuple[float, ...]:
    """Milliseconds of the function, of the index and S3 in it, and of a client."""
    query, body = form(2 * number)
    method = "POST" if body else "GET"
    event = http_event(method, "/api/search", query, body)
    start = time.perf_counter()
    answer = handler(event, Context())
    function = (time.perf_counter() - start) * 1000
    if answer["statusCode"] != httpx.codes.OK:
        raise SystemExit(f"the search function failed: {answer}")
    spent = json.loads(answer["body"])["timings_ms"]
    query, body = form(2 * number + 1)
    start = time.perf_counter()
    client.request(method, "/api/search", params=query, json=body).raise_for_status()
    through = (time.perf_counter() - start) * 1000
    return function, spent["query"] + spent.get("read", 0), through


if __name__ == "__main__":
    main()
