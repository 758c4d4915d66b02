"""Whatever comes between, once all events are delivered the index agrees with the bucket."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule, run_state_machine_as_test

from image_search import indexing, preprocess
from image_search.indexing import has_thumbnail, thumbnail_key
from tests.unit.indexes import World
from tests.unit.invocations import Invocation
from tests.unit.pictures import flat

# By size, which tells whose thumbnail one is.
PICTURES = {flat("red", size): size for size in ((8, 6), (5, 5), (3, 9))}
TEXT = b"not a picture"
KEYS = st.sampled_from("ab")


class Story(RuleBasedStateMachine):
    """A bucket that changes, its events, and index functions that run, fail and are killed."""

    encoder = None
    events = Bundle("events")
    invocations = Bundle("invocations")

    def __init__(self):
        super().__init__()
        self.world = World(self.encoder)
        self.present = {}
        self.events_of = []
        self.waiting = set()
        self.running = {}

    @rule(target=events, key=KEYS, data=st.sampled_from([*PICTURES, TEXT]))
    def put(self, key, data):
        self.world.images.put(key, data)
        self.present[key] = data
        return self._tell(key)

    @rule(target=events, key=KEYS)
    def remove(self, key):
        self.world.images.remove(key)
        self.present.pop(key, None)
        return self._tell(key)

    @rule(target=invocations, batch=st.sets(events, min_size=1, max_size=3))
    def deliver(self, batch):
        """Late, in any order, and again."""
        invocation = Invocation(self.world, [self.events_of[event] for event in batch])
        self.running[invocation] = batch
        return invocation

    @rule(invocation=invocations, operations=st.integers(1, 8))
    def go_on(self, invocation, operations):
        for _ in range(operations):
            if not invocation.ended:
                invocation.step()

    @rule(invocation=invocations)
    def fail(self, invocation):
        if not invocation.ended:
            invocation.fail()

    @rule(invocation=invocations)
    def kill(self, invocation):
        """Its events come again, even where it was at its end and only had to say so."""
        invocation.kill()
        self.running.pop(invocation, None)

    @rule(invocation=invocations)
    def end(self, invocation):
        invocation.finish()
        self._acknowledge(invocation)

    def teardown(self):
        """The queue empties; then all is compared."""
        try:
            for invocation in list(self.running):
                self.end(invocation)
            while self.waiting:
                self.end(self.deliver({max(self.waiting)}))
            self._compare()
        finally:
            for invocation in self.running:
                invocation.kill()

    def _tell(self, key):
        self.events_of.append(key)
        self.waiting.add(len(self.events_of) - 1)
        return len(self.events_of) - 1

    def _acknowledge(self, invocation):
        batch, outcomes = self.running.pop(invocation, set()), invocation.outcomes
        if outcomes:
            done = {key for key, outcome in outcomes.items() if outcome.state != "failed"}
            self.waiting -= {event for event in batch if self.events_of[event] in done}

    def _compare(self):
        world = self.world
        pictures = {key: data for key, data in self.present.items() if data in PICTURES}
        assert world.indexed() == world.wanted(*pictures)
        assert set(world.thumbnails.data) == {thumbnail_key(key) for key in pictures}
        for key, data in pictures.items():
            assert has_thumbnail(world.thumbnails, world.vectors.records[key].metadata)
            thumbnail = preprocess.decode(world.thumbnails.data[thumbnail_key(key)])
            assert (thumbnail.width, thumbnail.height) == PICTURES[data]
        for key, data in self.present.items():
            rejected = {"image-search": "rejected:not-a-readable-image"}
            assert world.images.tags(key) == (rejected if data == TEXT else {})


def test_bucket_and_index_agree_after_every_story(image_encoder, monkeypatch):
    monkeypatch.setattr(indexing, "_WORKERS", 1)  # the same story runs the same way again
    monkeypatch.setattr(Story, "encoder", image_encoder)

    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=200,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
