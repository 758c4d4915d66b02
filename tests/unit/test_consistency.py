"""What differs between bucket, index and thumbnails is found, and indexing it again repairs it."""

from dataclasses import replace as changed

import pytest

from image_search.consistency import ConsistencyChecker, Finding
from image_search.rejections import rejection_key
from image_search.thumbnails import thumbnail_key
from image_search.walk import compare
from tests.unit.images import flat
from tests.unit.indexes import World

RED, BLUE, TEXT = flat("red"), flat("blue"), b"not an image"


class Compared(World):
    """Objects that are all indexed, until a test breaks something."""

    def __init__(self, encoder, **objects):
        super().__init__(encoder, **objects)
        self.states(*objects)
        self.checker = ConsistencyChecker(self.images, self.thumbnails, self.vectors)

    def findings(self, prefix=""):
        """Kind and key of all, as often as they are found."""
        first = compare(changed(self.checker, prefix=prefix)).first
        return [Finding(kind, key) for kind, keys in first.items() for key in keys]


def forget_record(world):
    world.vectors.delete(["a"])


def replace(world):
    world.images.put("a", BLUE)


def put_the_same_again(world):
    world.images.put("a", RED)


def keep_the_record_of_another_schema(world):
    stored = world.vectors.records["a"]
    old = changed(stored, metadata=changed(stored.metadata, schema_version=0))
    world.vectors.upsert([old])


def remove(world):
    world.images.remove("a")


def forget_thumbnail(world):
    world.thumbnails.remove(thumbnail_key("a"))


def keep_the_thumbnail_of_before(world):
    before = world.thumbnails.data[thumbnail_key("a")], world.thumbnails.source(thumbnail_key("a"))
    world.images.put("a", BLUE)
    world.states("a")
    world.thumbnails.put(thumbnail_key("a"), *before)


def remove_all_but_the_thumbnail(world):
    world.images.remove("a")
    world.vectors.delete(["a"])


def reject_and_keep_the_thumbnail(world):
    name = thumbnail_key("a")
    before = world.thumbnails.data[name], world.thumbnails.source(name)
    world.images.put("a", TEXT)
    world.states("a")
    world.thumbnails.put(name, *before)


def reject_and_remove(world):
    world.images.put("a", TEXT)
    world.states("a")
    world.images.remove("a")


def index_and_keep_the_rejection(world):
    world.images.put("a", TEXT)
    world.states("a")
    before = world.thumbnails.data[rejection_key("a")]
    world.images.put("a", RED)
    world.states("a")
    world.thumbnails.put(rejection_key("a"), before)


FAULTS = {
    reject_and_remove: [Finding("orphaned rejection", "a")],
    index_and_keep_the_rejection: [Finding("orphaned rejection", "a")],
    forget_record: [Finding("missing", "a")],
    replace: [Finding("stale", "a")],
    put_the_same_again: [Finding("stale", "a")],
    keep_the_record_of_another_schema: [Finding("stale", "a")],
    remove: [Finding("orphaned record", "a")],
    forget_thumbnail: [Finding("wrong thumbnail", "a")],
    keep_the_thumbnail_of_before: [Finding("wrong thumbnail", "a")],
    remove_all_but_the_thumbnail: [Finding("orphaned thumbnail", "a")],
    reject_and_keep_the_thumbnail: [
        Finding("rejected: not-a-readable-image", "a"),
        Finding("orphaned thumbnail", "a"),
    ],
}


@pytest.mark.parametrize(
    ("fault", "findings"), FAULTS.items(), ids=lambda it: getattr(it, "__name__", "")
)
def test_a_discrepancy_is_found_once_and_indexing_repairs_it(fault, findings, image_encoder):
    world = Compared(image_encoder, a=RED, b=BLUE)

    fault(world)

    assert sorted(world.findings(), key=str) == sorted(findings, key=str)
    world.states("a")
    assert {finding.kind for finding in world.findings()} <= {"rejected: not-a-readable-image"}


def test_where_all_is_consistent_nothing_is_found(image_encoder):
    world = Compared(image_encoder, a=RED, b=BLUE)

    assert world.findings() == []


def test_rejected_objects_are_named_with_their_reason(image_encoder):
    world = Compared(image_encoder, a=RED, text=TEXT)

    (finding,) = world.findings()

    assert finding == Finding("rejected: not-a-readable-image", "text")
    assert compare(world.checker).discrepancies == 0


def test_what_the_index_function_did_not_write_is_left_alone(image_encoder):
    world = Compared(image_encoder, a=RED)
    world.thumbnails.put("ü.txt", b"")
    world.thumbnails.put(thumbnail_key("other"), b"")
    world.thumbnails.put(rejection_key("other"), b"")

    assert {finding.kind for finding in world.findings()} == {"foreign thumbnail"}
    assert compare(world.checker).discrepancies == 0


def test_a_prefix_narrows_every_comparison(image_encoder):
    keys = [f"{folder}/{fault}" for folder in "xy" for fault in ("missing", "gone", "bare", "left")]
    world = Compared(image_encoder, **dict.fromkeys(keys, RED))
    for folder in "xy":
        world.vectors.delete([f"{folder}/missing", f"{folder}/left"])
        world.images.remove(f"{folder}/gone")
        world.thumbnails.remove(thumbnail_key(f"{folder}/bare"))
        world.images.remove(f"{folder}/left")
    world.thumbnails.put("foreign.txt", b"")
    world.thumbnails.put(rejection_key("foreign"), b"no rejection")

    found = {(finding.kind, finding.key) for finding in world.findings("y/")}

    assert found == {
        ("missing", "y/missing"),
        ("orphaned record", "y/gone"),
        ("wrong thumbnail", "y/bare"),
        ("orphaned thumbnail", "y/left"),
    }


def test_an_empty_stack_is_consistent(image_encoder):
    assert Compared(image_encoder).findings() == []


def test_a_record_that_is_stale_is_not_reported_again_for_its_thumbnail(image_encoder):
    world = Compared(image_encoder, a=RED)
    world.images.put("a", BLUE)
    forget_thumbnail(world)

    assert world.findings() == [Finding("stale", "a")]
