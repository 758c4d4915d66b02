"""A request whose time runs out is answered, and waits for nothing more."""

import threading

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from pinecone._internal import http_client

from image_search import pinecone_index as adapter
from image_search import s3_connection
from image_search.deadline import Pool, bounded, require, within
from image_search.errors import DeadlineError, VectorIndexTimeoutError
from image_search.pinecone_index import VectorIndex
from image_search.query import Query, Words
from image_search.s3 import Bucket
from search_api.cursors import cursor_of
from tests.unit.lambdas import http_event
from tests.unit.records import record
from tests.unit.servers import serving
from tests.unit.test_requests import POSITION

# Lambda's end, of which the handler keeps two seconds to respond.
SOON = 2300


def test_without_a_deadline_everything_may_take_its_time():
    require(10**9)

    assert bounded(lambda: 1) == 1


def test_a_call_that_cannot_end_in_time_does_not_begin():
    with within(5):
        require(1)
        with pytest.raises(DeadlineError):
            require(6)
    require(6)  # the deadline ends with its block


def test_a_call_for_which_no_time_is_left_does_not_begin():
    begun = threading.Event()

    with within(-1), pytest.raises(DeadlineError):
        bounded(begun.set)

    assert not begun.is_set()


def test_a_call_that_takes_longer_is_left_to_itself():
    released = threading.Event()

    with within(0.05), pytest.raises(DeadlineError):
        bounded(released.wait)

    released.set()


def test_threads_know_the_deadline_of_their_caller():
    with within(-1), pytest.raises(DeadlineError), Pool(2) as pool:
        list(pool.map(lambda _: require(0), range(3)))


def test_a_pool_that_failed_begins_nothing_more():
    begun, released = [], threading.Event()

    def run(number):
        begun.append(number)
        if number == 0:
            raise ZeroDivisionError
        released.wait()

    with pytest.raises(ZeroDivisionError), Pool(2) as pool:
        list(pool.map(run, range(50)))

    released.set()
    pool._threads.shutdown()
    assert len(begun) <= 4


@pytest.fixture
def index():
    with serving() as server:
        yield server


@pytest.fixture
def hanging(new_api, index, monkeypatch):
    """A search function whose index does not respond, though a request may wait for a minute."""
    monkeypatch.setattr(adapter, "_TIMEOUT_SECONDS", 60)
    api = new_api({"vectors": VectorIndex(index.url, lambda: "any", "n")})
    for number in range(60):
        api.world.images.put(f"{number}.png", b"")
    index.answering.clear()
    return api


SECOND_PAGE = cursor_of(POSITION, Query((Words("red"),), collapse=True), "tiny-fp32-00000000")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/search", {"text": "red"}),
        ("/api/search", {"key": "red"}),
        ("/api/search", {"key": ["red", "new"]}),
        ("/api/search", {"text": "red", "collapse": "true", "cursor": SECOND_PAGE}),
        ("/api/duplicates", {}),
        ("/api/images", {}),
        ("/api/images", {"name": "IMG_2041"}),
        ("/api/map", {}),
        ("/api/health", {}),
    ],
)
def test_an_index_that_hangs_is_reported_before_the_function_ends(path, query, hanging, index):
    answer = hanging.take(http_event("GET", path, query), milliseconds=SOON)

    assert (answer.status, answer.body["type"]) == (504, "/problems/index-timeout")
    assert not index.answering.is_set()
    assert len(index.asked) <= 8


def test_an_index_that_asks_for_a_long_pause_is_not_waited_for(index, monkeypatch):
    index.status, index.pause = 503, "60"
    awake = threading.Event()
    monkeypatch.setattr(http_client, "_retry_sleep", awake.wait)

    with within(0.3), pytest.raises(VectorIndexTimeoutError):
        VectorIndex(index.url, lambda: "any", "n").near_vector(record().vector, 1)

    awake.set()


def test_no_attempt_to_ask_s3_begins_that_could_not_end_in_time(monkeypatch, index):
    monkeypatch.setenv("AWS_ENDPOINT_URL", index.url)

    with within(5), pytest.raises(DeadlineError):
        Bucket("images", s3_connection.client()).info("a")

    assert index.asked == []


def test_too_little_time_for_the_storage_is_reported(api):
    api.world.images.watch = lambda *_: require(12)

    answer = api.take(http_event("GET", "/api/images"), milliseconds=SOON)

    assert (answer.status, answer.body["type"]) == (504, "/problems/deadline-exceeded")
    assert answer.headers["Retry-After"]


def refusal(status):
    return ClientError({"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {}}, "HeadObject")


@pytest.mark.parametrize(
    ("error", "reported"),
    [
        (EndpointConnectionError(endpoint_url="http://inside"), (503, "storage-unavailable")),
        (ReadTimeoutError(endpoint_url="http://inside"), (504, "storage-timeout")),
        (ConnectTimeoutError(endpoint_url="http://inside"), (504, "storage-timeout")),
        (refusal(503), (503, "storage-unavailable")),
        (refusal(403), (500, "fault")),
    ],
)
@pytest.mark.parametrize(
    ("path", "query"),
    [("/api/images", {}), ("/api/image", {"key": "red"}), ("/api/search", {"key": "red"})],
)
def test_a_storage_that_does_not_respond_is_reported_the_same_everywhere(
    error, reported, path, query, api
):
    api.world.images.broken = error

    answer = api.call("GET", path, query)

    assert (answer.status, answer.body["type"].removeprefix("/problems/")) == reported
    assert answer.body.keys() == {"type", "title", "status", "detail"}
    assert "inside" not in answer.text
