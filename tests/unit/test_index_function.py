"""SQS batches of S3 events in, the messages to try again out."""

import json

import pytest

from image_search.errors import VectorIndexError
from index_function import create_handler
from tests.unit.indexes import World
from tests.unit.lambdas import Context, s3_records, sqs_event
from tests.unit.pictures import flat

ALL_DONE = {"batchItemFailures": []}


@pytest.fixture
def world(image_encoder):
    return World(image_encoder)


@pytest.fixture
def handle(world):
    handler = create_handler([world.indexer])
    return lambda **bodies: handler(sqs_event(**bodies), Context())


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("a.jpg", "a.jpg"),
        ("a+b%2B%C3%BC.jpg", "a b+ü.jpg"),
        ("folder/100%25.png", "folder/100%.png"),
        ("%F0%9F%8F%94.png", "🏔.png"),
    ],
)
def test_the_key_of_an_event_is_decoded(encoded, key, world, handle):
    world.images.put(key, flat())

    assert handle(m1=s3_records(encoded)) == ALL_DONE

    assert world.indexed() == world.wanted(key)
    assert list(world.indexed()) == [key]


def test_the_test_event_of_s3_is_ignored(world, handle):
    assert handle(m1={"Service": "Amazon S3", "Event": "s3:TestEvent"}) == ALL_DONE

    assert world.images.calls == []


def test_a_message_comes_again_until_every_bundle_is_right(world, image_encoder):
    other = World(image_encoder)
    for seen in (world, other):
        seen.images.put("a", flat())
    other.images.broken = ConnectionError("reset")
    handler = create_handler([world.indexer, other.indexer])

    first = handler(sqs_event(m1=s3_records("a")), Context())
    other.images.broken = None
    second = handler(sqs_event(m1=s3_records("a")), Context())

    assert first == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    assert second == ALL_DONE
    assert world.indexed() == other.indexed() == world.wanted("a")


def test_a_message_may_have_several_records_and_a_batch_several_messages(world, handle):
    for key in "abc":
        world.images.put(key, flat())

    assert handle(m1=s3_records("a", "b"), m2=s3_records("c", "a")) == ALL_DONE

    assert world.indexed() == world.wanted("a", "b", "c")
    assert world.images.count_of("read") == 3


def test_a_deletion_is_an_event_like_any_other(world, handle):
    world.images.put("a", flat())
    handle(m1=s3_records("a"))
    world.images.remove("a")

    assert handle(m2=s3_records("a")) == ALL_DONE

    assert world.indexed() == {}


def test_only_the_messages_that_failed_come_again(world, handle):
    for key in "abc":
        world.images.put(key, flat())

    def watch(operation, key):
        if (operation, key) == ("read", "b"):
            raise ConnectionError

    world.images.watch = watch
    answer = handle(m1=s3_records("a"), m2=s3_records("b"), m3=s3_records("c", "b"), m4={"x": 1})

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m3"}]}
    assert world.indexed() == world.wanted("a", "c")


def test_a_rejected_object_is_done_with(world, handle):
    world.images.put("text.jpg", b"text")

    assert handle(m1=s3_records("text.jpg")) == ALL_DONE

    assert world.images.tags("text.jpg") == {"image-search": "rejected:not-a-readable-image"}


def test_while_the_index_is_down_the_whole_batch_comes_again(world, handle):
    world.vectors.broken = VectorIndexError("down")

    with pytest.raises(VectorIndexError):
        handle(m1=s3_records("a"), m2=s3_records("b"))


@pytest.mark.parametrize("body", [[], {"Records": [{"s3": {}}]}, {"Records": 7}, "text"])
def test_a_message_that_is_no_event_stops_no_other(body, world, handle):
    world.images.put("a", flat())

    answer = handle(odd=body, m1=s3_records("a"))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "odd"}]}
    assert list(world.indexed()) == ["a"]


def metrics(output):
    """What CloudWatch reads of a log: the values of each metric, by name."""
    lines = [json.loads(line) for line in output.splitlines() if '"_aws"' in line]
    values = {}
    for line in lines:
        for group in line["_aws"]["CloudWatchMetrics"]:
            assert group["Namespace"] == "ImageSearch"
            values |= {metric["Name"]: line[metric["Name"]] for metric in group["Metrics"]}
    return values


def test_a_batch_is_counted_and_its_stages_timed(world, handle, capsys):
    for key in "ab":
        world.images.put(key, flat())
    world.images.put("text.jpg", b"text")

    handle(m1=s3_records("a", "b", "text.jpg", "gone"))

    said = metrics(capsys.readouterr().out)
    assert said["ImagesIndexed"] == [2]
    assert said["ImagesRejected"] == [1]
    assert said["ImagesDeleted"] == [1]
    assert said["ImagesFailed"] == [0]
    assert all(said[f"{stage}Ms"][0] > 0 for stage in ("Decode", "Embed", "Upsert"))


def test_an_index_that_is_down_is_counted(world, handle, capsys):
    world.vectors.broken = VectorIndexError("down")

    with pytest.raises(VectorIndexError):
        handle(m1=s3_records("a"))

    assert metrics(capsys.readouterr().out)["PineconeErrors"] == [1]
