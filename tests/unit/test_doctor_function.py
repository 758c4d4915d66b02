"""Pages in, what differs into the queue, and where to go on out."""

import pytest

from doctor_function import create_handler
from image_search import consistency
from image_search.consistency import Agreement
from tests.unit.fakes import FakeUploadsQueue
from tests.unit.indexes import World
from tests.unit.lambdas import Context
from tests.unit.pictures import flat

START = {"place": ""}
HURRY = Context(milliseconds=1_000)


@pytest.fixture
def world(image_encoder):
    """Seven images, two of which are not indexed; and one that is indexed and gone."""
    world = World(image_encoder, **dict.fromkeys("abcdefg", flat()))
    world.states(*"abdefg")
    world.vectors.delete(["f"])
    world.images.remove("g")
    return world


@pytest.fixture
def queue():
    return FakeUploadsQueue()


@pytest.fixture
def handler(world, queue):
    return create_handler(Agreement(world.images, world.thumbnails, world.vectors), queue)


def test_exactly_what_differs_is_queued_and_counted(handler, queue):
    answer = handler(START, Context())

    assert queue.keys == ["c", "f", "g"]
    assert answer["place"] == ""
    assert answer["seen"] == {"images": 6, "records": 5, "thumbnails": 6}
    assert answer["totals"]["missing"] == 2
    assert answer["totals"]["orphaned record"] == 1


def test_an_invocation_that_runs_out_of_time_answers_where_to_go_on(handler, queue, monkeypatch):
    monkeypatch.setattr(consistency, "_OBJECTS", 2)
    monkeypatch.setattr(consistency, "_RECORDS", 2)
    answer, invocations = handler(START, HURRY), 1

    while answer["place"]:
        answer, invocations = handler(answer, HURRY), invocations + 1

    assert invocations == 9
    assert queue.keys == ["c", "f", "g"]
    assert answer["seen"] == {"images": 6, "records": 5, "thumbnails": 6}
    assert answer["totals"]["missing"] == 2


def test_a_page_that_fails_fails_the_invocation_before_anything_is_skipped(handler, world, queue):
    world.vectors.broken = ConnectionError("reset")
    with pytest.raises(ConnectionError):
        handler(START, Context())
    world.vectors.broken = None

    handler(START, Context())

    assert queue.keys == ["c", "f", "g"]
