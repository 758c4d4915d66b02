"""Batches of events about objects in, the messages to try again out."""

import pytest

from image_search.errors import VectorIndexError
from image_search.uploads_queue import event
from index_function import create_handler
from tests.unit.images import flat
from tests.unit.indexes import World
from tests.unit.lambdas import Context, metrics, s3_event, sqs_event

ALL_DONE = {"batchItemFailures": []}


@pytest.fixture
def world(image_encoder):
    return World(image_encoder)


@pytest.fixture
def handle(world):
    handler = create_handler([world.indexer])
    return lambda **bodies: handler(sqs_event(**bodies), Context())


@pytest.mark.parametrize(
    "key", ["a.jpg", "a b+ü.jpg", "folder/100%.png", "100%25.png", "a+b%2B.jpg", "🏔.png"]
)
def test_the_key_of_an_event_is_taken_as_it_is_written(key, world, handle):
    world.images.put(key, flat())

    assert handle(m1=s3_event(key)) == ALL_DONE

    assert world.indexed() == world.wanted(key)
    assert list(world.indexed()) == [key]


@pytest.mark.parametrize("kind", ["Object Created", "Object Restore Completed", "Object Deleted"])
def test_whatever_an_event_reports_the_object_itself_is_looked_at(kind, world, handle):
    for key in ("there", "gone"):
        world.images.put(key, flat())
        world.states(key)
    world.images.put("there", flat("blue"))
    world.images.remove("gone")

    assert handle(m1=s3_event("there", kind), m2=s3_event("gone", kind)) == ALL_DONE

    assert world.indexed() == world.wanted("there")


def test_a_message_of_an_operator_is_read_like_an_event(world, handle):
    world.images.put("a b+ü%20.jpg", flat())

    assert handle(m1=event("a b+ü%20.jpg")) == ALL_DONE

    assert list(world.indexed()) == ["a b+ü%20.jpg"]


def test_a_message_comes_again_until_every_bundle_is_right(world, image_encoder):
    other = World(image_encoder)
    for seen in (world, other):
        seen.images.put("a", flat())
    other.images.broken = ConnectionError("reset")
    handler = create_handler([world.indexer, other.indexer])

    first = handler(sqs_event(m1=s3_event("a")), Context())
    other.images.broken = None
    second = handler(sqs_event(m1=s3_event("a")), Context())

    assert first == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert second == ALL_DONE
    assert world.indexed() == other.indexed() == world.wanted("a")


def test_a_batch_has_several_messages_and_a_key_is_looked_at_once(world, handle):
    for key in "abc":
        world.images.put(key, flat())

    assert handle(**{f"m{n}": s3_event(key) for n, key in enumerate("abca")}) == ALL_DONE

    assert world.indexed() == world.wanted("a", "b", "c")
    assert world.images.count_of("read") == 3


def test_only_the_messages_that_failed_come_again(world, handle):
    for key in "abc":
        world.images.put(key, flat())

    def watch(operation, key):
        if (operation, key) == ("read", "b"):
            raise ConnectionError

    world.images.watch = watch
    answer = handle(m1=s3_event("a"), m2=s3_event("b"), m3=s3_event("c"), m4={"x": 1})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m4"}]}
    assert world.indexed() == world.wanted("a", "c")


def test_a_rejected_object_is_done_with(world, handle):
    world.images.put("text.jpg", b"text")

    assert handle(m1=s3_event("text.jpg")) == ALL_DONE

    assert world.rejected("text.jpg") == "not-a-readable-image"


@pytest.mark.parametrize(
    "body",
    [[], {"detail": {"object": {}}}, {"detail": 7}, {"detail": {"object": {"key": 7}}}, "text"],
)
def test_a_message_that_is_not_an_event_stops_no_other(body, world, handle):
    world.images.put("a", flat())

    answer = handle(odd=body, m1=s3_event("a"))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "odd"}]}
    assert list(world.indexed()) == ["a"]


def test_a_batch_is_counted_and_its_stages_timed(world, handle, capsys):
    for key in "ab":
        world.images.put(key, flat())
    world.images.put("text.jpg", b"text")

    handle(**{f"m{n}": s3_event(key) for n, key in enumerate(("a", "b", "text.jpg", "gone"))})

    reported = metrics(capsys.readouterr().out)
    assert reported["ImagesIndexed"] == [2]
    assert reported["ImagesRejected"] == [1]
    assert reported["ImagesDeleted"] == [1]
    assert reported["ImagesFailed"] == [0]
    assert all(reported[f"{stage}Ms"][0] > 0 for stage in ("Decode", "Embed", "Upsert"))


def test_an_index_that_is_down_is_counted(world, handle, capsys):
    world.vectors.broken = VectorIndexError("down")

    with pytest.raises(VectorIndexError):
        handle(m1=s3_event("a"))

    assert metrics(capsys.readouterr().out)["PineconeErrors"] == [1]
