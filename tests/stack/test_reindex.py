"""A bucket that nobody told of is indexed by the command."""

from __future__ import annotations

import pytest

from local.user import User, until
from tests.stack.commands import agrees, run
from tests.stack.test_stack import picture

_PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def older(user: User, no_events: None) -> None:
    """Images that were there before their stack."""
    for folder in ("older", "older/2024", "younger"):
        for number in range(4):
            user.put(f"{folder}/{number} ü+.jpg", picture("teal"))


def test_a_prefix_of_an_older_bucket_is_indexed(user: User) -> None:
    queued = run("reindex", "--prefix", "older/")

    assert queued.stdout == "queued 8 of 8 images\n", queued
    user.wait_until_indexed("older/2024/3 ü+.jpg")
    assert user.state("younger/0 ü+.jpg") == ("pending", None)


def test_only_what_is_missing_is_queued(user: User) -> None:
    run("reindex", "--prefix", "older/2024/")
    for number in range(4):
        user.wait_until_indexed(f"older/2024/{number} ü+.jpg")

    queued = run("reindex", "--missing", "--prefix", "older/")

    assert queued.stdout == "queued 4 of 8 images\n", queued


def test_after_all_is_queued_bucket_and_index_agree(user: User) -> None:
    assert run("reindex").returncode == 0

    until(agrees, "bucket and index differ", _PATIENCE_SECONDS)
