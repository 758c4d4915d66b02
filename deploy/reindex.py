"""`make reindex`: queue every image of the bucket, as if it had just been uploaded.

What is indexed already under the stack's bundle is skipped by the index function, so this fills
what a new bundle, or a bucket that is older than the stack, has not indexed yet.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar
from urllib.parse import quote_plus

import boto3
from tqdm import tqdm

from deploy.stack import outputs

# One message is one batch of the index function, and ten messages one request to SQS.
_KEYS = 10
_MESSAGES = 10
T = TypeVar("T")


def main() -> int:
    """Queue the images of a stack."""
    parser = argparse.ArgumentParser(prog="python -m deploy.reindex", description=__doc__)
    parser.add_argument("--name", default="image-search", help="of the stack")
    parser.add_argument("--prefix", default="", help="only keys that begin with this")
    options = parser.parse_args()
    stack = outputs(options.name)
    queued = reindex(stack["ImagesBucket"], stack["UploadsQueue"], options.prefix)
    print(f"queued {queued} images")
    return 0


def reindex(bucket: str, queue: str, prefix: str = "") -> int:
    """Queue all keys of a bucket under a prefix; returns their number."""
    sqs, queued = boto3.client("sqs"), 0
    keys = tqdm(_keys(bucket, prefix), desc="queueing", unit=" images", leave=False)
    for batch in _batched(_batched(keys, _KEYS), _MESSAGES):
        entries = [{"Id": str(n), "MessageBody": _event(keys)} for n, keys in enumerate(batch)]
        answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
        if answer.get("Failed"):
            raise RuntimeError(f"SQS refused {answer['Failed']}; run it again, nothing is lost")
        queued += sum(map(len, batch))
    return queued


def _batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """itertools.batched, which is newer than the oldest Python that this runs on."""
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch


def _keys(bucket: str, prefix: str) -> Iterator[str]:
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=bucket, Prefix=prefix):
        yield from (item["Key"] for item in page.get("Contents", []))


def _event(keys: tuple[str, ...]) -> str:
    """What S3 would say of these keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html."""
    records = [{"s3": {"object": {"key": quote_plus(key)}}} for key in keys]
    return json.dumps({"Records": records})


if __name__ == "__main__":
    sys.exit(main())
