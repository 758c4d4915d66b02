"""`make reindex`: queue every image of the bucket, as if it had just been uploaded.

What is indexed already under the stack's bundle is skipped by the index function, so this fills
what a new bundle, or a bucket that is older than the stack, has not indexed yet.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import boto3
from tqdm import tqdm

from deploy.stack import outputs
from image_search.uploads import queue_keys


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
    keys = _keys(bucket, prefix)
    return queue_keys(queue, tqdm(keys, desc="queueing", unit=" images", leave=False))


def _keys(bucket: str, prefix: str) -> Iterator[str]:
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=bucket, Prefix=prefix):
        yield from (item["Key"] for item in page.get("Contents", []))


if __name__ == "__main__":
    sys.exit(main())
