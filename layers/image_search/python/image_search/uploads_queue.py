"""The SQS adapter: the uploads queue, whose messages the index function processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from threading import Condition
from typing import Any, TypeVar

from image_search import aws
from image_search.errors import QueueError

# SQS takes or returns this many messages in one request.
MESSAGES = 10
# An execution of the index function indexes this many photographs in a minute: docs/scale.md.
WAITING_PER_EXECUTION = 600
_POLL_SECONDS = 1.0
# Messages that are visible, that a function has received, and that are delayed.
_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
T = TypeVar("T")


class UploadsQueue:
    """The queue that receives an event for each object that was stored or deleted."""

    def __init__(self, url: str) -> None:
        """Lazy: the client is created at the first request."""
        self.url = url

    @cached_property
    def _client(self) -> Any:
        return aws.client("sqs")

    def put(self, keys: Iterable[str]) -> int:
        """Queue keys as if they had just been uploaded; returns their number.

        Each key is a message of its own, as EventBridge sends them: the timeout of the index
        function allows for ten keys in a batch.

        Raises:
            QueueError: SQS refused some messages.
        """
        queued = 0
        for batch in _batched(keys, MESSAGES):
            self.send([event(key) for key in batch])
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
        """The number of messages that are not deleted yet, including those in flight.

        The count of SQS is approximate and a little late.
        """
        answer = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=_COUNTS)
        return sum(int(answer["Attributes"][name]) for name in _COUNTS)


@dataclass
class PacedQueue:
    """Adds keys no faster than they are indexed, because new uploads wait behind them."""

    queue: UploadsQueue
    most_waiting: int
    """No message is added beyond this number of waiting ones, unless the queue is empty."""
    _changed: Condition = field(default_factory=Condition)
    _sending: int = 0

    def put(self, keys: Sequence[str], stopped: Callable[[], bool]) -> bool:
        """Queue keys as soon as there is room; False if `stopped` answered True before that.

        Raises:
            QueueError: SQS refused some messages.
        """
        if not keys:
            return True
        if not self._reserved(len(keys), stopped):
            return False
        try:
            self.queue.put(keys)
        finally:
            with self._changed:
                self._sending -= len(keys)
        return True

    def _reserved(self, messages: int, stopped: Callable[[], bool]) -> bool:
        with self._changed:
            while not stopped():
                waiting = self._sending + self.queue.waiting()
                if not waiting or waiting + messages <= self.most_waiting:
                    self._sending += messages
                    return True
                self._changed.wait(_POLL_SECONDS)
        return False


def _batched(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """itertools.batched, which Python 3.11 does not have."""
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch


def event(key: str) -> str:
    """The event that EventBridge would deliver about a key, as far as the index function reads it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    return json.dumps({"source": "image-search", "detail": {"object": {"key": key}}})
