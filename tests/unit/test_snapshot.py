"""What processes that SnapStart restores from one snapshot must not share."""

import random

import boto3
import pytest
from snapshot_restore_py import get_after_restore, get_before_snapshot

from image_search import snapstart
from image_search.services import Services
from tests.unit.servers import serving
from tests.unit.settings import settings


@pytest.fixture
def index(aws):
    """An index that answers and remembers the keys."""
    boto3.client("secretsmanager").create_secret(Name="pinecone", SecretString="first")
    with serving() as server:
        yield server


@pytest.fixture
def services(index):
    return Services.from_settings(settings(index_host=index.url, pinecone_secret="pinecone"))


@pytest.fixture
def snapshot_and_restore(services):
    """Calls the hooks of these services as Lambda's runtime does."""
    before, after = len(get_before_snapshot()), len(get_after_restore())
    snapstart.register(services)

    def call():
        for hook, arguments, named in reversed(get_before_snapshot()[before:]):
            hook(*arguments, **named)
        for hook, arguments, named in get_after_restore()[after:]:
            hook(*arguments, **named)

    return call


def test_a_restored_process_asks_for_the_key_again(index, services, snapshot_and_restore):
    services.vectors.count()
    boto3.client("secretsmanager").put_secret_value(SecretId="pinecone", SecretString="second")

    snapshot_and_restore()
    services.vectors.count()

    used = [headers["Api-Key"] for headers in index.headers]
    assert (used[0], used[-1]) == ("first", "second")


def test_a_snapshot_holds_no_key(services, snapshot_and_restore):
    services.vectors.count()

    snapshot_and_restore()

    held = [*vars(services.vectors).values(), *vars(services.pinecone_key).values()]
    assert "_client" not in vars(services.pinecone_key)
    assert "first" not in repr(held)


def test_a_restored_process_reads_from_s3_as_before(new_bucket, services, snapshot_and_restore):
    new_bucket("images").write("a", b"1", "any")

    snapshot_and_restore()

    assert services.images.read_key("a") == b"1"


def test_an_index_that_does_not_answer_stops_no_snapshot(index, snapshot_and_restore):
    index.status = 400

    snapshot_and_restore()

    assert index.asked


def test_restored_processes_draw_different_random_numbers(snapshot_and_restore):
    state = random.getstate()

    snapshot_and_restore()

    assert random.getstate() != state
