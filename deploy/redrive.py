"""`make redrive`: moves messages from the dead-letter queue back to the uploads queue.

Run it once the cause of the failures is repaired.
"""

from __future__ import annotations

import sys

import boto3

from deploy import arguments
from deploy.cloudformation import outputs
from deploy.errors import explained
from image_search.uploads_queue import MESSAGES, UploadsQueue

# Long polling asks every server of the queue, so an empty response means an empty queue.
_WAIT_SECONDS = 1


@explained("make redrive")
def main() -> int:
    """Redrive the dead-letter queue of a stack."""
    stack = outputs(arguments.parsed(arguments.parser("deploy.redrive", __doc__)).name)
    print(f"moved {redrive(stack['DeadLetters'], stack['UploadsQueue'])} messages")
    return 0


def redrive(dead_letter_queue: str, uploads_queue: str) -> int:
    """Move messages between two queues, by URL; returns their number.

    A message is deleted only after it was sent.

    Raises:
        QueueError: the uploads queue refused some messages.
    """
    sqs, queue, moved = boto3.client("sqs"), UploadsQueue(uploads_queue), 0
    receive = {"MaxNumberOfMessages": MESSAGES, "WaitTimeSeconds": _WAIT_SECONDS}
    while messages := sqs.receive_message(QueueUrl=dead_letter_queue, **receive).get("Messages"):
        queue.send([message["Body"] for message in messages])
        for message in messages:
            sqs.delete_message(QueueUrl=dead_letter_queue, ReceiptHandle=message["ReceiptHandle"])
        moved += len(messages)
    return moved


if __name__ == "__main__":
    sys.exit(main())
