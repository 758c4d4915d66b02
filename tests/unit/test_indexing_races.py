"""Objects that change while they are indexed, and events that come twice, late or out of order."""

from contextlib import suppress
from threading import Lock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from image_search import indexing
from image_search.errors import ObjectChangedError, VectorIndexError
from image_search.freshness import is_current
from image_search.rejections import rejection_key
from image_search.s3_objects import Source
from image_search.thumbnails import has_thumbnail, thumbnail_key
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


class Killed(BaseException):
    """The process ends here; no handler of the code sees it."""


CHANGES = st.tuples(st.sampled_from("ab"), st.sampled_from([RED, BLUE, TEXT, None]))
# Which messages come, counted from the newest; one that came already comes twice.
DELIVERIES = st.lists(st.integers(0, 3), min_size=1, max_size=3)
FAULTS = st.sampled_from([VectorIndexError("refused"), Killed()])
# What happens during a delivery: before which call of all parts, a change, another delivery or a
# fault.
MEANWHILE = st.dictionaries(st.integers(1, 14), st.one_of(CHANGES, DELIVERIES, FAULTS), max_size=4)
STEPS = st.lists(st.one_of(CHANGES, st.tuples(DELIVERIES, MEANWHILE)), max_size=8)


class Story:
    """A world, the messages of all that happens in it, and functions that run at the same time."""

    def __init__(self, encoder):
        self.world = World(encoder)
        self.messages = []
        self.waiting = set()
        self.meanwhile = {}
        self.calls = self.nested = 0
        self.killed, self._lock = False, Lock()
        for part in (self.world.images, self.world.thumbnails, self.world.vectors):
            part.watch = self._watch

    def change(self, key, data):
        if data is None:
            self.world.images.remove(key)
        else:
            self.world.images.put(key, data)
        self.waiting.add(len(self.messages))
        self.messages.append(key)

    def deliver(self, counted, meanwhile):
        self.calls, self.meanwhile = 0, dict(meanwhile)
        self._reconcile({len(self.messages) - 1 - back for back in counted})
        self.meanwhile = {}

    def end(self):
        """The queue empties: only what failed or never came is delivered."""
        while self.waiting:
            self._reconcile({max(self.waiting)})

    def _watch(self, *_):
        with self._lock:
            if self.killed:
                raise Killed
            self.calls += 1
            happens = self.meanwhile.pop(self.calls, None)
            self.nested += isinstance(happens, list)
            # All threads of the function are killed, and none of another one.
            self.killed = kills = isinstance(happens, Killed) and not self.nested
        if kills or isinstance(happens, VectorIndexError):
            raise happens
        if isinstance(happens, tuple):
            self.change(*happens)
        elif isinstance(happens, list):
            self._reconcile({len(self.messages) - 1 - back for back in happens})
            self.nested -= 1

    def _reconcile(self, numbers):
        """Messages stay in the queue if their function fails, is killed or reports them."""
        batch = {number: self.messages[number] for number in numbers if number >= 0}
        states = {}
        with suppress(VectorIndexError, Killed):
            states = self.world.states(*batch.values())
        done = set() if self.killed else {key for key in states if states[key] != "failed"}
        self.killed = False
        self.waiting -= {number for number, key in batch.items() if key in done}


@given(STEPS)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_in_whatever_order_the_index_agrees_in_the_end(image_encoder, steps):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "_WORKERS", 1)  # the same story runs the same way again
        story = Story(image_encoder)

        for first, second in steps:
            (story.deliver if isinstance(first, list) else story.change)(first, second)
        story.end()

    world = story.world
    images = {key for key, data in world.images.data.items() if data != TEXT}
    assert world.indexed() == world.wanted(*images)
    rejected = {rejection_key(key) for key in world.images.data.keys() - images}
    assert world.thumbnail_keys() == rejected | {thumbnail_key(key) for key in images}
    for key in images:
        metadata = world.vectors.records[key].metadata
        assert is_current(metadata, world.images.info(key))
        assert has_thumbnail(world.thumbnails, metadata)
    for key in world.images.data.keys() - images:
        assert world.rejected(key) == "not-a-readable-image"


def test_records_that_the_index_returns_late_are_not_used_after_a_write(image_encoder, monkeypatch):
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
