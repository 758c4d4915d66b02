"""Pages in, what differs into the queue, and where to go on out."""

import json

import pytest

from doctor_function import create_handler
from image_search import walk
from image_search.consistency import ConsistencyChecker
from image_search.uploads_queue import PacedQueue
from tests.unit.images import flat
from tests.unit.indexes import World
from tests.unit.lambdas import Context, metrics, sample_event

START = sample_event("doctor")


class Hurried(Context):
    """The time of an invocation that is up after three pages."""

    def get_remaining_time_in_millis(self):
        self.__dict__["asked"] = self.__dict__.get("asked", 0) + 1
        return 900_000 if self.asked <= 3 else 59_000


@pytest.fixture
def world(image_encoder):
    """Seven images, two of which are not indexed; and one that is indexed and gone."""
    world = World(image_encoder, **dict.fromkeys("abcdefg", flat()))
    world.states(*"abdefg")
    world.vectors.delete(["f"])
    world.images.remove("g")
    return world


@pytest.fixture
def handler(world, queue):
    checker = ConsistencyChecker(world.images, world.thumbnails, world.vectors)
    return create_handler(checker, PacedQueue(queue, 1000))


def test_exactly_the_discrepancies_are_queued_and_counted(handler, queue):
    answer = handler(START, Context())

    assert sorted(queue.keys) == ["c", "f", "g"]
    assert answer["place"] == ""
    assert answer["seen"] == {"images": 6, "records": 5, "thumbnails": 6}
    assert answer["totals"]["missing"] == 2
    assert answer["totals"]["orphaned record"] == 1


def test_an_invocation_that_runs_out_of_time_answers_where_to_go_on(
    handler, queue, monkeypatch, capsys
):
    monkeypatch.setattr(walk, "_OBJECTS", 2)
    monkeypatch.setattr(walk, "_RECORDS", 2)
    answer, invocations = handler(START, Hurried()), 1

    while answer["place"]:
        answer = handler(json.loads(json.dumps(answer)), Hurried())
        invocations += 1

    assert invocations > 9
    assert sorted(queue.keys) == ["c", "f", "g"]
    assert answer["seen"] == {"images": 6, "records": 5, "thumbnails": 6}
    assert answer["totals"]["missing"] == 2
    assert sum(metrics(capsys.readouterr().out)["Differences"]) == 3


def test_a_page_that_fails_fails_the_invocation_before_anything_is_skipped(handler, world, queue):
    world.vectors.broken = ConnectionError("reset")
    with pytest.raises(ConnectionError):
        handler(START, Context())
    world.vectors.broken = None

    handler(START, Context())

    assert sorted(queue.keys) == ["c", "f", "g"]
