"""`make redrive`: moves messages from the dead-letter queue back to the uploads queue.

Run it once the cause of the failures is repaired.
"""

from __future__ import annotations

import argparse
import sys

import boto3

from deploy.cloudformation import outputs
from deploy.errors import explained
from image_search.uploads_queue import MESSAGES, UploadsQueue

# Long polling asks every server of the queue, so an empty response means an empty queue.
_WAIT_SECONDS = 1


@explained("make redrive")
def main() -> int:
    """Redrive the dead-letter queue of a stack."""
    parser = argparse.ArgumentParser(prog="python -m deploy.redrive", description=__doc__)
    parser.add_argument("--name", default="image-search", help="of the stack")
    stack = outputs(parser.parse_args().name)
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
