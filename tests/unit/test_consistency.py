"""What differs between bucket, index and thumbnails is found, and indexing it again mends it."""

import pytest

from image_search import consistency
from image_search.consistency import Agreement, Finding
from image_search.indexing import thumbnail_key
from tests.unit.indexes import World
from tests.unit.pictures import flat
from tests.unit.records import record

RED, BLUE, TEXT = flat("red"), flat("blue"), b"not a picture"


class Compared(World):
    """Objects that are all indexed, until a test breaks something."""

    def __init__(self, encoder, **objects):
        super().__init__(encoder, **objects)
        self.states(*objects)
        self.agreement = Agreement(self.images, self.thumbnails, self.vectors)

    def findings(self):
        """Kind and key of all, as often as they are found."""
        return [finding for page in self.agreement.pages() for finding in page.findings]


def forget_record(world):
    world.vectors.delete(["a"])


def replace(world):
    world.images.put("a", BLUE)


def put_the_same_again(world):
    world.images.put("a", RED)


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


FAULTS = {
    forget_record: [Finding("missing", "a")],
    replace: [Finding("stale", "a")],
    put_the_same_again: [Finding("stale", "a")],
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
def test_a_difference_is_found_once_and_indexing_its_key_mends_it(fault, findings, image_encoder):
    world = Compared(image_encoder, a=RED, b=BLUE)

    fault(world)

    assert world.findings() == findings
    world.states("a")
    assert {finding.kind for finding in world.findings()} <= {"rejected: not-a-readable-image"}


def test_where_all_agree_nothing_is_found(image_encoder):
    world = Compared(image_encoder, a=RED, b=BLUE)

    assert world.findings() == []


def test_rejected_objects_are_named_with_their_reason(image_encoder):
    world = Compared(image_encoder, a=RED, text=TEXT)

    (finding,) = world.findings()

    assert finding == Finding("rejected: not-a-readable-image", "text")
    assert finding.kind not in consistency.REPAIRABLE


def test_what_the_index_function_did_not_write_is_left_alone(image_encoder):
    world = Compared(image_encoder, a=RED)
    world.thumbnails.put("ü.txt", b"")
    world.thumbnails.put(thumbnail_key("other"), b"")

    assert {finding.kind for finding in world.findings()} == {"foreign thumbnail"}
    assert "foreign thumbnail" not in consistency.REPAIRABLE


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(consistency, "_OBJECTS", 2)
    monkeypatch.setattr(consistency, "_RECORDS", 2)


@pytest.fixture
def large(image_encoder, small_pages):
    """Differences on many pages of each walk."""
    keys = "abcdefg"
    world = Compared(image_encoder, **dict.fromkeys(keys, RED))
    world.vectors.delete(["a", "g"])
    world.images.put("d", BLUE)
    for key in ("b", "f"):
        world.images.remove(key)
    world.vectors.upsert([record(key="never was")])
    return world


def test_differences_on_every_page_are_found(large):
    kinds = {
        kind: [f.key for f in large.findings() if f.kind == kind] for kind in consistency.REPAIRABLE
    }

    assert kinds == {
        "missing": ["a", "g"],
        "stale": ["d"],
        "orphaned record": ["b", "f", "never was"],
        "wrong thumbnail": [],
        "orphaned thumbnail": [],
    }


def test_pages_are_small_and_count_what_they_saw(large):
    pages = list(large.agreement.pages())

    seen = {
        walk: sum(page.seen for page in pages if page.walk == walk) for walk in consistency.WALKS
    }
    assert seen == {"images": 5, "records": 6, "thumbnails": 7}
    assert max(page.seen for page in pages) <= 2
    assert pages[-1].following == ""


def test_an_interrupted_comparison_goes_on_where_it_stopped(large):
    whole = list(large.agreement.pages())

    for stop in range(len(whole) - 1):
        assert list(large.agreement.pages(whole[stop].following)) == whole[stop + 1 :]


def test_a_place_that_no_page_named_is_refused(large):
    with pytest.raises(ValueError, match="nowhere"):
        list(large.agreement.pages("nowhere:x"))


def test_an_empty_stack_agrees(image_encoder):
    assert Compared(image_encoder).findings() == []
