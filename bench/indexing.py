"""What an image takes in the index function, from the event to the acknowledgement.

`python -m bench.indexing [--bundle FOLDER]`: batches of ten photographs of 12 MP, new in every
round, on one processor. The clients of S3 and Pinecone are the real ones. In place of the network,
each request takes 20 ms in this process and is answered from memory, so that only the function uses
the processor.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from urllib3 import HTTPResponse

from bench.measure import arguments, in_turns, keep_to_processors, print_results
from bench.pictures import KINDS, jpegs
from image_search import s3_connection
from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder
from image_search.indexing import Indexer
from image_search.pinecone_index import VectorIndex
from image_search.s3 import Bucket
from local.stack import BUNDLE

_LATENCY_SECONDS = 0.02
_PHOTOGRAPHS = KINDS[-1]._replace(batch=10)  # as many as the template's BatchSize
_ROUNDS = 5
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}
_DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


@dataclass
class Network:
    """What S3 and Pinecone answer, after as many seconds as they take."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def s3(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answer in place of a connection: botocore's event `before-send`."""
        time.sleep(_LATENCY_SECONDS)
        body = self.objects.get(urlsplit(request.url).path, b"<DeleteResult/>")
        headers = {"ETag": '"e"', "Last-Modified": _DATE, "Content-Length": str(len(body))}
        sent = io.BytesIO(b"" if request.method == "HEAD" else body)
        raw = HTTPResponse(sent, headers, preload_content=False, request_method=request.method)
        return AWSResponse(request.url, 200, cast(Any, raw.headers), raw)

    def pinecone(self, request: httpx.Request) -> httpx.Response:
        """Answer in place of httpx's transport: there are no records, and all are stored."""
        time.sleep(_LATENCY_SECONDS)
        empty = {"vectors": {}, "namespace": "", "usage": {"readUnits": 1}, "upsertedCount": 10}
        return httpx.Response(200, json=empty, request=request)


def main() -> None:
    """Measure and print."""
    given = arguments("indexing", bundle=BUNDLE)
    keep_to_processors(1)
    network = Network()
    with _indexer(network, given.bundle) as indexer:
        results = in_turns({"12 MP": partial(_batch, network, indexer)}, _ROUNDS)
    title = f"ms an image, best / median of {_ROUNDS} batches of {_PHOTOGRAPHS.batch}"
    print_results(title, results)


@contextmanager
def _indexer(network: Network, bundle: Path) -> Iterator[Indexer]:
    """What the index function hands the keys of its messages to."""
    with (
        patch.dict(os.environ, _ENVIRONMENT),
        patch.object(httpx.HTTPTransport, "handle_request", network.pinecone),
    ):
        client = s3_connection.client()
        client.meta.events.register("before-send.s3", cast(Any, network.s3))
        index = VectorIndex("https://index.example", lambda: "key", "bench")
        encoder = ImageEncoder(load_directory(bundle))
        images, thumbnails = Bucket("images", client), Bucket("thumbnails", client)
        yield Indexer(images, thumbnails, index, encoder)


def _batch(network: Network, indexer: Indexer, number: int) -> dict[str, float]:
    """Milliseconds of an image in which the processor is used, and those in which it is not."""
    photographs = jpegs(_PHOTOGRAPHS, number)
    network.objects = {f"/{number}-{n}.jpg": data for n, data in enumerate(photographs)}
    keys = [path[1:] for path in network.objects]
    start, used = time.perf_counter(), time.process_time()
    outcomes = indexer.reconcile(keys)
    took = time.perf_counter() - start, time.process_time() - used
    if {outcome.state for outcome in outcomes.values()} != {"indexed"}:
        raise SystemExit(f"not indexed: {outcomes}")
    wall, cpu = (seconds * 1000 / len(keys) for seconds in took)
    return {"CPU": cpu, "waiting": wall - cpu}


if __name__ == "__main__":
    main()
