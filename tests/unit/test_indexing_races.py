"""Objects that change while they are indexed, and events that come twice, late or out of order."""

import pytest

from image_search.errors import ObjectChangedError
from image_search.s3_objects import Source
from image_search.thumbnails import thumbnail_key
from tests.unit.images import flat
from tests.unit.indexes import World

RED, BLUE = flat("red"), flat("blue", (5, 5))
TEXT = b"not an image"
# Every call of the bucket and of the index that one object needs.
MOMENTS = [
    ("images", "info"),
    ("images", "read"),
    ("thumbnails", "write"),
    ("vectors", "upsert"),
    ("vectors", "fetch"),
]


def once(world, part, operation, change):
    """Let something happen at the first call of an operation, and only then."""
    watched = getattr(world, part)

    def watch(called, _):
        if called == operation:
            watched.watch = lambda *_: None
            change()

    watched.watch = watch


@pytest.mark.parametrize(("part", "operation"), MOMENTS)
def test_an_object_replaced_while_it_is_indexed_ends_as_the_new_one(part, operation, image_encoder):
    world = World(image_encoder, a=RED)
    once(world, part, operation, lambda: world.images.put("a", BLUE))

    assert world.states("a") == {"a": "indexed"}

    assert world.indexed() == world.wanted("a")
    assert world.vectors.records["a"].metadata.width == 5


@pytest.mark.parametrize(("part", "operation"), MOMENTS)
def test_an_object_deleted_while_it_is_indexed_leaves_nothing(part, operation, image_encoder):
    world = World(image_encoder, a=RED)
    once(world, part, operation, lambda: world.images.remove("a"))

    assert world.states("a") == {"a": "deleted"}

    assert (world.indexed(), world.thumbnail_keys()) == ({}, set())


@pytest.mark.parametrize(("part", "operation"), [("vectors", "delete"), ("thumbnails", "move")])
def test_an_object_that_returns_while_its_record_is_deleted_is_indexed(
    part, operation, image_encoder
):
    world = World(image_encoder, a=RED)
    world.states("a")
    world.images.remove("a")
    once(world, part, operation, lambda: world.images.put("a", RED))

    assert world.states("a") == {"a": "indexed"}

    assert world.indexed() == world.wanted("a")
    assert world.has_thumbnail("a")


def test_an_image_that_replaces_a_rejected_object_at_that_moment_is_indexed(image_encoder):
    world = World(image_encoder, a=TEXT)
    once(world, "thumbnails", "write", lambda: world.images.put("a", BLUE))

    assert world.states("a") == {"a": "indexed"}

    assert world.indexed() == world.wanted("a")
    assert world.rejected("a") is None


def test_an_object_that_changes_at_every_look_is_left_to_the_queue(image_encoder):
    world = World(image_encoder, a=RED, b=BLUE)
    colours = iter(range(1000))

    def watch(operation, key):
        if (operation, key) == ("read", "a"):
            world.images.put("a", flat((next(colours), 0, 0)))

    world.images.watch = watch
    outcomes = world.indexer.reconcile(["a", "b"])

    assert (outcomes["a"].state, outcomes["b"].state) == ("failed", "indexed")
    assert isinstance(outcomes["a"].error, ObjectChangedError)
    assert world.images.count_of("read") <= 10
    world.images.watch = lambda *_: None
    assert world.states("a") == {"a": "indexed"}
    assert world.indexed() == world.wanted("a", "b")


def test_what_the_index_returns_late_is_not_believed_after_a_write(image_encoder, monkeypatch):
    world = World(image_encoder, a=RED)
    world.states("a")
    before, late = world.images.info("a"), world.vectors.fetch(["a"])
    world.images.put("a", BLUE)

    def put_back():
        """The old version comes back, and another function stops after storing its thumbnail."""
        world.images._clock = before.uploaded_at - 1
        world.images.put("a", RED)
        world.thumbnails.put(thumbnail_key("a"), b"", Source("a", before.etag))

    once(world, "vectors", "upsert", put_back)
    monkeypatch.setattr(world.vectors, "fetch", lambda keys: {key: late[key] for key in keys})

    assert world.states("a") == {"a": "indexed"}
    assert world.images.info("a") == before
    assert world.indexed() == world.wanted("a")
