"""Bucket and index are compared by the command, and what differs is repaired through the queue."""

from __future__ import annotations

import re

import boto3
import pytest

from image_search.thumbnails import thumbnail_key
from image_search.uploads_queue import event
from local.stack import LocalStack
from local.user import User
from tests.stack.commands import run, wait_until_consistent
from tests.unit.images import jpeg


def test_discrepancies_are_named_and_repaired(
    local: LocalStack, user: User, request: pytest.FixtureRequest
) -> None:
    outputs = local.stack.outputs
    for name in ("replaced", "deleted", "bare"):
        user.put(f"doctor/{name}.jpg", jpeg("olive"))
    user.put("doctor/text.jpg", b"no image")
    wait_until_consistent(outputs)

    request.getfixturevalue("no_events")
    user.put("doctor/replaced.jpg", jpeg("plum"))
    user.put("doctor/new 'ü+.jpg", jpeg("peru"))
    user.s3.delete_object(Bucket=user.bucket, Key="doctor/deleted.jpg")
    user.s3.delete_object(Bucket=outputs["ThumbnailsBucket"], Key=thumbnail_key("doctor/bare.jpg"))

    found = run("doctor")
    lines = [line.split(maxsplit=1) for line in found.stdout.splitlines() if line]
    for difference in (
        ["1", """missing               "doctor/new 'ü+.jpg\""""],
        ["1", "stale                 'doctor/replaced.jpg'"],
        ["1", "orphaned record       'doctor/deleted.jpg'"],
        ["1", "wrong thumbnail       'doctor/bare.jpg'"],
        ["0", "orphaned thumbnail"],
        ["0", "orphaned rejection"],
    ):
        assert difference in lines, found
    assert found.returncode == 1

    repaired = run("doctor", "--fix")
    assert repaired.returncode == 0, repaired
    # A record that is repaired while the walk goes on may leave its thumbnail to be found, too.
    assert re.search(r"queued [45] keys", repaired.stdout), repaired
    wait_until_consistent(outputs)


@pytest.fixture
def older(user: User, no_events: None) -> None:
    """Images that were there before their stack."""
    for folder in ("older", "older/2024", "younger"):
        for number in range(4):
            user.put(f"{folder}/{number} ü+.jpg", jpeg("teal"))


@pytest.mark.usefixtures("older")
def test_what_is_missing_under_a_prefix_of_an_older_bucket_is_indexed(user: User) -> None:
    assert "\nqueued 4 keys\n" in run("doctor", "--fix", "--prefix", "older/2024/").stdout
    for number in range(4):
        user.wait_until_indexed(f"older/2024/{number} ü+.jpg")

    queued = run("doctor", "--fix", "--prefix", "older/")

    assert "\nqueued 4 keys\n" in queued.stdout, queued
    user.wait_until_indexed("older/3 ü+.jpg")
    assert user.state("younger/0 ü+.jpg") == ("pending", None)


@pytest.mark.usefixtures("older")
def test_after_everything_is_queued_bucket_and_index_are_consistent(local: LocalStack) -> None:
    queued = run("doctor", "--everything")

    assert (queued.returncode, queued.stdout.split()[0]) == (0, "queued"), queued
    wait_until_consistent(local.stack.outputs)


def test_the_dead_letter_queue_is_moved_back_and_done(
    local: LocalStack, user: User, no_events: None
) -> None:
    sqs, outputs = boto3.client("sqs"), local.stack.outputs
    keys = [f"redrive/{number}.jpg" for number in range(12)]
    for key in keys:
        user.put(key, jpeg("teal"))
        sqs.send_message(QueueUrl=outputs["DeadLetters"], MessageBody=event(key))

    moved = run("redrive")

    assert moved.stdout == "moved 12 messages\n", moved
    for key in keys:
        user.wait_until_indexed(key)
    assert run("redrive").stdout == "moved 0 messages\n"
