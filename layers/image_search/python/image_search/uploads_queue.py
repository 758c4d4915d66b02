"""The SQS adapter: the uploads queue, whose messages the index function processes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote_plus

import boto3

from image_search.errors import QueueError

# The most messages in one request to SQS.
MESSAGES = 10
# Messages that are waiting, in flight and delayed.
_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
T = TypeVar("T")


class UploadsQueue:
    """The queue to which S3 reports objects that were uploaded or deleted."""

    def __init__(self, url: str) -> None:
        """Remember the queue's URL; no request is sent yet."""
        self.url = url

    @cached_property
    def _client(self) -> Any:
        return boto3.client("sqs")

    def put(self, keys: Iterable[str]) -> int:
        """Queue keys as if they had just been uploaded; returns their number.

        Each key is one message, as S3 sends them: the function's timeout assumes at most ten.

        Raises:
            QueueError: SQS refused some messages.
        """
        queued = 0
        for batch in _batched(keys, MESSAGES):
            self.send([event([key]) for key in batch])
            queued += len(batch)
        return queued

    def send(self, bodies: Sequence[str]) -> None:
        """Send at most MESSAGES messages in one request.

        Raises:
            QueueError: SQS refused some messages.
        """
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        answer = self._client.send_message_batch(QueueUrl=self.url, Entries=entries)
        if answer.get("Failed"):
            raise QueueError(f"SQS refused {answer['Failed']}; run it again, nothing is lost")

    def waiting(self) -> int:
        """The number of messages that are not processed yet, including those in flight.

        The count of SQS is approximate and slightly delayed.
        """
        answer = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=_COUNTS)
        return sum(int(answer["Attributes"][name]) for name in _COUNTS)


def _batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Batches as itertools.batched makes them, which Python 3.11 does not have."""
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch


def event(keys: Sequence[str]) -> str:
    """The event that S3 would send for these keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html."""
    records = [{"s3": {"object": {"key": quote_plus(key)}}} for key in keys]
    return json.dumps({"Records": records})
