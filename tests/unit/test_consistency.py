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

    def replace(self, data):
        self.images.put("a", data)
        self.states("a")

    def replace_but_keep(self, name, data):
        """What is stored under a name comes back after the replacement, as by a late function."""
        kept = self.thumbnails.data[name], self.thumbnails.source(name)
        self.replace(data)
        self.thumbnails.put(name, *kept)

    def age(self):
        """The record is of an older schema."""
        stored = self.vectors.records["a"]
        self.vectors.upsert([changed(stored, metadata=changed(stored.metadata, schema_version=0))])


REJECTED = "rejected: not-a-readable-image"
THUMBNAIL, REJECTION = thumbnail_key("a"), rejection_key("a")
FAULTS = {
    "forgotten record": (lambda w: w.vectors.delete(["a"]), "missing"),
    "replaced": (lambda w: w.images.put("a", BLUE), "stale"),
    "put again": (lambda w: w.images.put("a", RED), "stale"),
    "another schema": (Compared.age, "stale"),
    "removed": (lambda w: w.images.remove("a"), "orphaned record"),
    "forgotten thumbnail": (lambda w: w.thumbnails.remove(THUMBNAIL), "wrong thumbnail"),
    "old thumbnail": (lambda w: w.replace_but_keep(THUMBNAIL, BLUE), "wrong thumbnail"),
    "only a thumbnail": (
        lambda w: (w.images.remove("a"), w.vectors.delete(["a"])),
        "orphaned thumbnail",
    ),
    "rejected with a thumbnail": (
        lambda w: w.replace_but_keep(THUMBNAIL, TEXT),
        *(REJECTED, "orphaned thumbnail"),
    ),
    "rejected and indexed again": (lambda w: (w.replace(TEXT), w.replace(RED)),),
    "rejected and removed": (
        lambda w: (w.replace(TEXT), w.images.remove("a")),
        "orphaned rejection",
    ),
    "indexed with a rejection": (
        lambda w: (w.replace(TEXT), w.replace_but_keep(REJECTION, RED)),
        "orphaned rejection",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_discrepancy_is_found_once_and_indexing_repairs_it(fault, image_encoder):
    world = Compared(image_encoder, a=RED, b=BLUE)
    make, *kinds = FAULTS[fault]

    make(world)

    found = world.findings()
    assert sorted(found, key=str) == sorted((Finding(kind, "a") for kind in kinds), key=str)
    world.states("a")
    assert {finding.kind for finding in world.findings()} <= {REJECTED}


def test_where_all_is_consistent_nothing_is_found(image_encoder):
    world = Compared(image_encoder, a=RED, b=BLUE)

    assert world.findings() == []


def test_rejected_objects_are_named_with_their_reason(image_encoder):
    world = Compared(image_encoder, a=RED, text=TEXT)

    (finding,) = world.findings()

    assert finding == Finding(REJECTED, "text")
    assert compare(world.checker).discrepancies == 0


def test_objects_of_other_programs_are_left_alone(image_encoder):
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
    world.thumbnails.remove(THUMBNAIL)

    assert world.findings() == [Finding("stale", "a")]
