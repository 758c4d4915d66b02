"""`make redrive`: move dead letters back to the uploads queue, once their cause is mended."""

from __future__ import annotations

import sys

import boto3

from deploy import arguments
from deploy.cloudformation import outputs
from deploy.errors import explained
from image_search.uploads_queue import MESSAGES, UploadsQueue

# Long polling asks every server of the queue; an empty answer then means an empty queue.
_WAIT_SECONDS = 1


@explained("make redrive")
def main() -> int:
    """Redrive a stack's dead letters."""
    stack = outputs(arguments.parsed(arguments.parser("deploy.redrive", __doc__)).name)
    print(f"moved {redrive(stack['DeadLetters'], stack['UploadsQueue'])} messages")
    return 0


def redrive(dead_letters: str, uploads: str) -> int:
    """Move messages; a message is deleted only after it was sent. Returns their number.

    Raises:
        QueueError: the uploads queue refused some.
    """
    sqs, queue, moved = boto3.client("sqs"), UploadsQueue(uploads), 0
    receive = {"MaxNumberOfMessages": MESSAGES, "WaitTimeSeconds": _WAIT_SECONDS}
    while messages := sqs.receive_message(QueueUrl=dead_letters, **receive).get("Messages"):
        queue.send([message["Body"] for message in messages])
        for message in messages:
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
        moved += len(messages)
    return moved


if __name__ == "__main__":
    sys.exit(main())
