"""The uploads queue: what makes the index function look at images again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar
from urllib.parse import quote_plus

import boto3

# Of one request to SQS.
MESSAGES = 10
T = TypeVar("T")


def queue_keys(queue: str, keys: Iterable[str]) -> int:
    """Queue keys as if they had just been uploaded; returns their number.

    Each is a message of its own, as S3 sends them: the function's time is made for ten at once.

    Raises:
        RuntimeError: SQS refused some.
    """
    queued = 0
    for batch in _batched(keys, MESSAGES):
        send(queue, [event([key]) for key in batch])
        queued += len(batch)
    return queued


def send(queue: str, bodies: Sequence[str]) -> None:
    """Send at most MESSAGES messages in one request.

    Raises:
        RuntimeError: SQS refused some.
    """
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    answer = boto3.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)
    if answer.get("Failed"):
        raise RuntimeError(f"SQS refused {answer['Failed']}; run it again, nothing is lost")


def _batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """itertools.batched, which is newer than the oldest Python that this runs on."""
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch


def event(keys: Sequence[str]) -> str:
    """What S3 would say of these keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html."""
    records = [{"s3": {"object": {"key": quote_plus(key)}}} for key in keys]
    return json.dumps({"Records": records})
