"""What SnapStart's copies of a process must not share."""

import random

import boto3
import pytest
from snapshot_restore_py import get_after_restore, get_before_snapshot

from image_search import pinecone_index, s3, secrets, services
from image_search.pinecone_index import VectorIndex
from tests.unit.servers import serving


def snapshot_and_restore():
    """As Lambda's runtime does it."""
    for hook, arguments, named in reversed(get_before_snapshot()):
        hook(*arguments, **named)
    for hook, arguments, named in get_after_restore():
        hook(*arguments, **named)


@pytest.fixture
def index(aws, monkeypatch):
    """An index that answers and remembers the keys."""
    secrets.forget()
    pinecone_index.disconnect()
    boto3.client("secretsmanager").create_secret(Name="pinecone", SecretString="first")
    with serving() as server:
        served = VectorIndex(server.url, lambda: secrets.secret("pinecone"), "any")
        monkeypatch.setattr(services, "vectors", lambda: served)
        yield server


def test_a_copy_asks_for_the_key_again(index):
    services.vectors().count()
    boto3.client("secretsmanager").put_secret_value(SecretId="pinecone", SecretString="second")

    snapshot_and_restore()
    services.vectors().count()

    used = [headers["Api-Key"] for headers in index.headers]
    assert (used[0], used[-1]) == ("first", "second")


def test_a_snapshot_holds_no_key(index):
    services.vectors().count()

    snapshot_and_restore()

    assert pinecone_index._connection.cache_info().currsize == 0
    assert secrets._provider.cache_info().currsize == 0


def test_a_copy_reads_from_s3_as_before(index, new_bucket):
    bucket = new_bucket("images")
    bucket.write("a", b"1", "any")

    snapshot_and_restore()

    assert bucket.read_key("a") == b"1"
    assert s3._client().list_buckets()["Buckets"]


def test_an_index_that_does_not_answer_stops_no_snapshot(index):
    index.status = 400

    snapshot_and_restore()

    assert index.asked


def test_copies_draw_different_random_numbers(index):
    state = random.getstate()

    snapshot_and_restore()

    assert random.getstate() != state
