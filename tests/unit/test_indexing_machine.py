"""Once all events are delivered, the index agrees with the bucket, whatever came between."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from image_search import indexing, preprocess
from image_search.freshness import is_current
from image_search.rejections import rejection_key
from image_search.thumbnails import has_thumbnail, thumbnail_key
from tests.unit.images import flat
from tests.unit.indexes import World
from tests.unit.invocations import Invocation

# By size, which shows whose thumbnail one is.
IMAGES = {flat("red", size): size for size in ((8, 6), (5, 5), (3, 9))}
TEXT = b"not an image"


class Story(RuleBasedStateMachine):
    """A bucket that changes, its events, and index functions that run, fail and are killed."""

    encoder = None

    def __init__(self):
        super().__init__()
        self.world = World(self.encoder)
        self.present = {}
        self.events = []
        self.waiting = set()
        self.running = {}

    @rule(key=st.sampled_from("ab"), data=st.sampled_from([*IMAGES, TEXT, None]))
    def change(self, key, data):
        """An object is put, replaced or deleted."""
        self.present[key] = data
        if data is None:
            self.world.images.remove(key)
        else:
            self.world.images.put(key, data)
        self._tell(key)

    @precondition(lambda self: self.events and len(self.running) < 3)
    @rule(back=st.sets(st.integers(0, 3), min_size=1), operations=st.integers(0, 12))
    def deliver(self, back, operations):
        """Events counted from the newest: early or late, in any order, and again."""
        numbers = {max(0, len(self.events) - 1 - count) for count in back}
        self._go_on(self._start({self._waiting_or_again(number) for number in numbers}), operations)

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 2), operations=st.integers(1, 12))
    def go_on(self, which, operations):
        self._go_on(self._one(which), operations)

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 2))
    def fail(self, which):
        """An operation is refused; the function handles that and goes on."""
        invocation = self._one(which)
        if not invocation.ended:
            invocation.fail()

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 2))
    def kill(self, which):
        """Its events come again, even where it was at its end and only had to say so."""
        invocation = self._one(which)
        invocation.kill()
        del self.running[invocation]

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 2))
    def end(self, which):
        self._end(self._one(which))

    @rule()
    def drain(self):
        """All events are delivered that no function has, while those that run wait."""
        while late := self._late():
            self._end(self._start({max(late)}))

    def teardown(self):
        """Everything ends and all events are delivered; then all is compared."""
        try:
            for invocation in list(self.running):
                self._end(invocation)
            self.drain()
            self._compare()
        finally:
            for invocation in self.running:
                invocation.kill()

    def _tell(self, key):
        self.events.append(key)
        self.waiting.add(len(self.events) - 1)

    def _late(self):
        """The events that no function has."""
        return self.waiting.difference(*self.running.values())

    def _waiting_or_again(self, number):
        """An event that was delivered comes twice: as another message, acknowledged by itself."""
        if number in self._late():
            return number
        self._tell(self.events[number])
        return len(self.events) - 1

    def _one(self, which):
        return list(self.running)[which % len(self.running)]

    def _start(self, numbers):
        invocation = Invocation(self.world, [self.events[number] for number in numbers])
        self.running[invocation] = numbers
        return invocation

    def _go_on(self, invocation, operations):
        for _ in range(operations):
            if not invocation.ended:
                invocation.step()

    def _end(self, invocation):
        invocation.finish()
        numbers, outcomes = self.running.pop(invocation), invocation.outcomes or {}
        done = {key for key, outcome in outcomes.items() if outcome.state != "failed"}
        self.waiting -= {number for number in numbers if self.events[number] in done}

    def _compare(self):
        world = self.world
        images = {key: data for key, data in self.present.items() if data in IMAGES}
        assert world.indexed().keys() == images.keys()
        rejected = {rejection_key(key) for key in world.images.data.keys() - images.keys()}
        assert world.thumbnail_keys() == rejected | {thumbnail_key(key) for key in images}
        for key, data in images.items():
            metadata = world.vectors.records[key].metadata
            assert is_current(metadata, world.images.info(key))
            assert has_thumbnail(world.thumbnails, metadata)
            thumbnail = preprocess.decode(world.thumbnails.data[thumbnail_key(key)])
            assert (thumbnail.width, thumbnail.height) == IMAGES[data]
        for key in world.images.data:
            rejected = None if key in images else "not-a-readable-image"
            assert world.rejected(key) == rejected


def test_bucket_and_index_agree_after_every_story(image_encoder, monkeypatch):
    monkeypatch.setattr(indexing, "_WORKERS", 1)  # the same story runs the same way again
    monkeypatch.setattr(Story, "encoder", image_encoder)

    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=80,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
