"""Everything is seen once, in ranges and in parallel, and a run that ends early can go on."""

import json
import random
import threading

import pytest

from image_search import uploads_queue, walk
from image_search.consistency import REPAIRABLE, ConsistencyChecker, Report
from image_search.thumbnails import thumbnail_key
from image_search.uploads_queue import PacedQueue
from image_search.walk import IMAGES, LISTED, RECORDS, THUMBNAILS, Progress, Range, Walker
from tests.unit.fakes import FakeBucket, FakeVectorIndex
from tests.unit.images import flat
from tests.unit.indexes import World
from tests.unit.records import record

KEYS = sorted(
    [f"{folder}/{number}" for folder in ("2023", "2024/a", "2024/b", "x") for number in range(5)]
    + ["2023", "2024/", "a", "zz", "🏔"]
)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(walk, "_OBJECTS", 2)
    monkeypatch.setattr(walk, "_RECORDS", 2)
    monkeypatch.setattr(uploads_queue, "_POLL_SECONDS", 0.001)


@pytest.fixture
def bucket():
    return FakeBucket(**dict.fromkeys(KEYS, b""))


def lister(bucket, queue, prefix="", most_waiting=1000, **options):
    """Queues all images of a bucket."""
    checker = ConsistencyChecker(bucket, FakeBucket(), FakeVectorIndex(), prefix)
    return Walker(checker, PacedQueue(queue, most_waiting), (LISTED,), **options)


def whole(walker):
    """The progress of a walker that ran to the end."""
    progress = walker.begin()
    walker.run(progress)
    return progress


def test_every_key_is_queued_once_whatever_the_folders_are_called(bucket, queue):
    ended = whole(lister(bucket, queue))

    assert sorted(queue.keys) == KEYS
    assert (ended.report.seen[IMAGES], ended.place) == (len(KEYS), "")


def test_no_range_is_listed_beyond_its_end(bucket, queue):
    walker = lister(bucket, queue)
    ranges, full_pages = len(walker.begin().ranges), len(KEYS) // 2

    whole(walker)

    assert bucket.count_of("page") <= full_pages + 2 * ranges


def test_the_ranges_begin_where_folders_begin(bucket, queue):
    ranges = lister(bucket, queue).begin().ranges

    assert [(part.cursor, part.bound) for part in ranges] == [
        ("", "2023/"),
        ("2023/", "2024/"),
        ("2024/", "2024/a/"),
        ("2024/a/", "2024/b/"),
        ("2024/b/", "x/"),
        ("x/", ""),
    ]


@pytest.mark.parametrize(("folders", "largest"), [(64, 2), (128, 3), (200, 5)])
def test_many_folders_make_few_ranges_of_about_one_size_that_leave_nothing_out(
    folders, largest, queue
):
    keys = [f"{number:03}/{name}" for number in range(folders) for name in "ab"]
    bucket = FakeBucket(**dict.fromkeys(keys, b""))
    walker = lister(bucket, queue)

    ranges = walker.begin().ranges

    inside = [
        {key[:4] for key in keys if key > part.cursor and (key <= part.bound or not part.bound)}
        for part in ranges
    ]
    assert 40 <= len(ranges) <= 64
    assert max(map(len, inside)) <= largest
    whole(walker)
    assert sorted(queue.keys) == keys


def test_folders_are_listed_no_deeper_than_it_takes_to_have_enough(queue):
    bucket = FakeBucket(**{f"{number:03}/deep/er/a": b"" for number in range(64)})

    lister(bucket, queue).begin()

    assert bucket.count_of("folder_page") == 1


@pytest.mark.parametrize("prefix", ["2024/", "2024/a", "20", "z", "nothing"])
def test_a_prefix_queues_the_keys_that_begin_with_it(prefix, bucket, queue):
    whole(lister(bucket, queue, prefix))

    assert sorted(queue.keys) == [key for key in KEYS if key.startswith(prefix)]


@pytest.fixture
def world(image_encoder):
    """Discrepancies on many pages of each walk, and a rejected object."""
    world = World(image_encoder, **dict.fromkeys("abcdefghijklmnop", flat()), text=b"no image")
    world.states(*"abcdefghijklmnop", "text")
    world.vectors.delete(["a", "g"])
    world.images.put("d", flat("blue"))
    for key in ("b", "f"):
        world.images.remove(key)
    world.vectors.upsert([record(key="never was")])
    world.thumbnails.remove(thumbnail_key("c"))
    return world


DISCREPANCIES = ["a", "b", "c", "d", "f", "g", "never was"]


def repairer(world, queue, *kinds, **options):
    checker = ConsistencyChecker(world.images, world.thumbnails, world.vectors)
    return Walker(checker, PacedQueue(queue, 1000), kinds or REPAIRABLE, **options)


def test_discrepancies_on_every_page_are_found_and_queued(world, queue):
    report = whole(repairer(world, queue)).report

    assert sorted(queue.keys) == DISCREPANCIES
    assert report.seen == {IMAGES: 15, RECORDS: 15, THUMBNAILS: 16}
    assert {kind: sorted(keys) for kind, keys in report.first.items()} == {
        "missing": ["a", "g"],
        "stale": ["d"],
        "rejected: not-a-readable-image": ["text"],
        "orphaned record": ["b", "f", "never was"],
        "wrong thumbnail": ["c"],
    }


def test_rejected_images_are_queued_on_request(world, queue):
    whole(repairer(world, queue, "rejected"))

    assert queue.keys == ["text"]


def test_records_and_thumbnails_are_walked_over_in_parallel(world, queue):
    walks = [part.walk for part in repairer(world, queue).begin().ranges]

    assert (walks.count(RECORDS), walks.count(THUMBNAILS)) == (16, 16)


@pytest.mark.parametrize("pages", range(0, 30, 4))
def test_a_run_that_is_stopped_goes_on_where_it_was(pages, world, queue):
    seen = []
    stopping = repairer(world, queue, stopped=lambda: len(seen) >= pages)
    stopping.moved = lambda now, count: seen.append(count)
    first = whole(stopping)
    assert sum(seen) == first.report.seen.total() < 45

    again = Progress.at(first.place, first.report)
    stopping.stopped = lambda: False
    stopping.run(again)

    assert sorted(queue.keys) == DISCREPANCIES
    assert again.report.seen == {IMAGES: 15, RECORDS: 15, THUMBNAILS: 16}
    assert again.place == ""


# Three workers may have passed the check with two keys each before the first of them dies.
@pytest.mark.parametrize("survived", range(0, len(KEYS) - 3 * 2, 3))
def test_a_run_that_dies_goes_on_and_repeats_a_page_of_each_worker_at_most(
    survived, bucket, queue, monkeypatch
):
    monkeypatch.setattr(walk, "_WORKERS", 3)
    walker = lister(bucket, queue)
    kept = [walker.begin().place]

    def die(operation, _):
        if operation == "put" and len(queue.keys) >= survived:
            raise ConnectionError("reset")

    queue.watch = die
    walker.moved = lambda now, _: kept.append(now.place)
    with pytest.raises(ConnectionError):
        walker.run(Progress.at(kept[0], Report()))
    queue.watch = lambda *_: None
    lister(bucket, queue).run(Progress.at(kept[-1], Report()))

    assert sorted(set(queue.keys)) == KEYS
    assert len(queue.keys) <= len(KEYS) + 3 * 2


class EndlessBucket(FakeBucket):
    """The first of its two ranges never ends, and the other one cannot be listed."""

    pages = 0

    def page(self, prefix, cursor, limit):
        if cursor == "x/":
            raise ConnectionError("reset")
        self.pages += 1
        assert self.pages < 100_000, "the run goes on"
        return [self._infos["a"]], "a"


def test_a_page_that_fails_ends_the_other_ranges_too(queue):
    bucket = EndlessBucket(**{"a": b"", "x/y": b""})

    with pytest.raises(ConnectionError):
        whole(lister(bucket, queue, most_waiting=10**9))


def test_the_queue_is_never_longer_than_it_may_be(bucket, queue):
    longest = []

    def watch(operation, _):
        if operation == "waiting":
            longest.append(len(queue.keys) - queue.taken)
            queue.take(1)

    queue.watch = watch

    whole(lister(bucket, queue, most_waiting=4))

    assert sorted(queue.keys) == KEYS
    assert max(longest) <= 4


def test_a_page_that_is_longer_than_the_queue_may_be_waits_until_it_is_empty(bucket, queue):
    queue.watch = lambda operation, _: queue.take(1) if operation == "waiting" else None

    whole(lister(bucket, queue, most_waiting=1))

    assert sorted(queue.keys) == KEYS


def test_a_run_that_waits_for_room_can_be_stopped(bucket, queue):
    queue.put(["before"])
    waits, stop = threading.Event(), threading.Event()
    queue.watch = lambda operation, _: waits.set()
    walker = lister(bucket, queue, most_waiting=1, stopped=stop.is_set)
    thread = threading.Thread(target=whole, args=(walker,))
    thread.start()
    assert waits.wait(5)

    stop.set()
    thread.join(5)

    assert not thread.is_alive()
    assert queue.keys == ["before"]


def test_keys_that_are_being_sent_take_up_room(queue):
    paced, sending, sent = PacedQueue(queue, most_waiting=2), threading.Event(), threading.Event()
    queue.watch = lambda operation, _: (
        operation == "put" and (sending.set(), sent.wait(5))  # the first request takes long
    )
    thread = threading.Thread(target=paced.put, args=(["a", "b"], lambda: False))
    thread.start()
    assert sending.wait(5)

    assert not paced.put(["c"], iter([False, True]).__next__)
    sent.set()
    thread.join(5)
    queue.take(2)

    assert paced.put(["c"], iter([False, True]).__next__)
    assert queue.keys == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("first", "last", "letters"),
    [(32, 127, 1024), (0x4E00, 0x9FA5, 341), (1, 32, 1024)],
    ids=["ASCII", "Chinese", "control characters"],
)
def test_a_place_of_the_longest_keys_fits_the_payload_of_a_state_machine(first, last, letters):
    """https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""
    dice = random.Random(1)

    def key():
        return "".join(chr(dice.randrange(first, last)) for _ in range(letters))

    images = [Range(IMAGES, key(), key()) for _ in range(64)]
    others = [Range(RECORDS, "f", "0" * 100)] * 16 + [Range(THUMBNAILS, "0" * 45, "0" * 45)] * 16
    progress = Progress([*images, *others])

    assert len(json.dumps(progress.place)) < 180_000
    assert Progress.at(progress.place, progress.report) == progress


@pytest.mark.parametrize(
    "place", ["nowhere", "images:token", "ü", "e30=", f"!{Progress([Range(IMAGES, '')]).place}"]
)
def test_a_place_that_was_never_returned_is_refused(place):
    with pytest.raises(ValueError, match=r"place|base64|character|padd"):
        Progress.at(place, Report())
