"""What one copy of the index function does in a second, from an event to its acknowledgement.

`python -m bench.indexing [--bundle FOLDER]`: batches of eight photographs of 12 MP, new in every
round, through the indexer on one processor. Each request to S3 or Pinecone waits 20 ms more than
the emulator, on the other processors, takes. `computes` is the share of the time in which the
function uses its processor; a busy machine lowers it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import boto3

from bench.measure import Figure, in_turns, keep_to_processors, table
from bench.pictures import KINDS, jpegs
from bench.stack import index_of, local_stack, silence
from image_search import s3_connection
from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder
from image_search.indexing import Indexer
from image_search.s3 import Bucket
from local.stack import BUNDLE, LocalStack

_LATENCY_SECONDS = 0.02
_BATCH, _ROUNDS = KINDS[-1].batch, 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.indexing")
    parser.add_argument("--bundle", type=Path, default=BUNDLE)
    given = parser.parse_args()
    with local_stack(given.bundle) as local:
        keep_to_processors(1)
        indexer = _indexer(local, given.bundle)
        runs = in_turns({"12 MP": partial(_batch, indexer)}, _ROUNDS)["12 MP"]
    cells = [
        f"{max(_BATCH / wall for wall, _ in runs):.1f}",
        f"{Figure.of(cpu / _BATCH * 1000 for _, cpu in runs):.1f}",
        f"{max(cpu / wall for wall, cpu in runs):.0%}",
    ]
    print(f"\nbest of {_ROUNDS} batches of {_BATCH}; CPU best / median\n")
    print(table(["", "images/s", "CPU, ms an image", "computes"], {"12 MP": cells}))


def _indexer(local: LocalStack, bundle: Path) -> Indexer:
    client = s3_connection.client()
    client.meta.events.register("before-send.s3", _wait)
    index = index_of(local)
    send = index._call

    def late(operation: Callable[..., Any], **arguments: Any) -> Any:
        _wait()
        return send(operation, **arguments)

    index._call = late  # type: ignore[method-assign]
    silence(local)
    thumbnails = Bucket(local.stack.outputs["ThumbnailsBucket"], client)
    encoder = ImageEncoder(load_directory(bundle))
    return Indexer(Bucket(local.images_bucket, client), thumbnails, index, encoder)


def _wait(**_: Any) -> None:
    time.sleep(_LATENCY_SECONDS)


def _batch(indexer: Indexer, number: int) -> tuple[float, float]:
    """Seconds, and seconds of processor time, of one batch."""
    keys = [f"{number}-{n}.jpg" for n in range(_BATCH)]
    for key, body in zip(keys, jpegs(KINDS[-1], number), strict=True):
        boto3.client("s3").put_object(Bucket=indexer.images.name, Key=key, Body=body)
    start, used = time.perf_counter(), time.process_time()
    outcomes = indexer.reconcile(keys)
    took = time.perf_counter() - start, time.process_time() - used
    if {outcome.state for outcome in outcomes.values()} != {"indexed"}:
        raise SystemExit(f"not indexed: {outcomes}")
    return took


if __name__ == "__main__":
    main()
