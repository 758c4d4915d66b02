"""Bucket and index are compared by the command, and what differs is mended through the queue."""

from __future__ import annotations

import boto3
import pytest

from image_search.indexing import thumbnail_key
from image_search.uploads_queue import event
from local.smoke import User, until
from local.stack import LocalStack
from tests.stack.commands import agrees, run
from tests.stack.test_stack import picture

_PATIENCE_SECONDS = 60


def test_differences_are_named_and_mended(
    local: LocalStack, user: User, request: pytest.FixtureRequest
) -> None:
    for name in ("replaced", "deleted", "bare"):
        user.put(f"doctor/{name}.jpg", picture("olive"))
    user.put("doctor/text.jpg", b"no picture")
    until(agrees, "no agreement before", _PATIENCE_SECONDS)

    request.getfixturevalue("no_events")
    user.put("doctor/replaced.jpg", picture("plum"))
    user.put("doctor/new 'ü+.jpg", picture("peru"))
    user.s3.delete_object(Bucket=user.bucket, Key="doctor/deleted.jpg")
    user.s3.delete_object(
        Bucket=local.stack.outputs["ThumbnailsBucket"], Key=thumbnail_key("doctor/bare.jpg")
    )

    found = run("doctor")
    lines = [line.split(maxsplit=1) for line in found.stdout.splitlines() if line]
    for difference in (
        ["1", """missing               "doctor/new 'ü+.jpg\""""],
        ["1", "stale                 'doctor/replaced.jpg'"],
        ["1", "orphaned record       'doctor/deleted.jpg'"],
        ["1", "wrong thumbnail       'doctor/bare.jpg'"],
        ["0", "orphaned thumbnail"],
    ):
        assert difference in lines, found
    assert found.returncode == 1

    mended = run("doctor", "--fix")
    assert mended.returncode == 0, mended
    assert "queued 4 keys" in mended.stdout
    until(agrees, "no agreement after", _PATIENCE_SECONDS)


def test_dead_letters_are_moved_back_and_done(
    local: LocalStack, user: User, no_events: None
) -> None:
    sqs, outputs = boto3.client("sqs"), local.stack.outputs
    keys = [f"redrive/{number}.jpg" for number in range(12)]
    for key in keys:
        user.put(key, picture("teal"))
        sqs.send_message(QueueUrl=outputs["DeadLetters"], MessageBody=event(key))

    moved = run("redrive")

    assert moved.stdout == "moved 12 messages\n", moved
    for key in keys:
        user.wait_until_indexed(key)
    assert run("redrive").stdout == "moved 0 messages\n"
