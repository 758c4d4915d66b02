"""The SQS adapter: the uploads queue, which makes the index function look at images."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

import boto3

from image_search.errors import QueueError

# Of one request to SQS.
MESSAGES = 10
# Messages that nobody has yet, that a function has, and that are to come later.
_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
T = TypeVar("T")


class UploadsQueue:
    """The queue that receives an event for each object that was stored or deleted."""

    def __init__(self, url: str) -> None:
        """Name it; nothing is called yet."""
        self.url = url

    @cached_property
    def _client(self) -> Any:
        return boto3.client("sqs")

    def put(self, keys: Iterable[str]) -> int:
        """Queue keys as if they had just been uploaded; returns their number.

        Each is a message of its own, as EventBridge sends them: the function has time for ten.

        Raises:
            QueueError: SQS refused some.
        """
        queued = 0
        for batch in _batched(keys, MESSAGES):
            self.send([event(key) for key in batch])
            queued += len(batch)
        return queued

    def send(self, bodies: Sequence[str]) -> None:
        """Send at most MESSAGES messages in one request.

        Raises:
            QueueError: SQS refused some.
        """
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        answer = self._client.send_message_batch(QueueUrl=self.url, Entries=entries)
        if answer.get("Failed"):
            raise QueueError(f"SQS refused {answer['Failed']}; run it again, nothing is lost")

    def waiting(self) -> int:
        """The number of messages that are not done yet, those in work among them.

        SQS counts approximately, and a little late.
        """
        answer = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=_COUNTS)
        return sum(int(answer["Attributes"][name]) for name in _COUNTS)


def _batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """itertools.batched, which is newer than the oldest Python that this runs on."""
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch


def event(key: str) -> str:
    """What EventBridge would deliver about a key, as far as the index function reads it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    return json.dumps({"source": "image-search", "detail": {"object": {"key": key}}})
