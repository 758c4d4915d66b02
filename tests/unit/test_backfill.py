"""A bucket that was there before is queued once, no faster than it is indexed."""

import threading

import pytest

from deploy import backfill
from deploy.backfill import Backfill, Plan, plan
from tests.unit.fakes import FakeBucket, FakeUploadsQueue

KEYS = sorted(
    [f"{folder}/{number}" for folder in ("2023", "2024/a", "2024/b", "x") for number in range(5)]
    + ["2023", "2024/", "a", "zz", "🏔"]
)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(backfill, "_PAGE", 2)
    monkeypatch.setattr(backfill, "_POLL_SECONDS", 0.001)


@pytest.fixture
def bucket():
    return FakeBucket(**dict.fromkeys(KEYS, b""))


@pytest.fixture
def queue():
    return FakeUploadsQueue()


def of(bucket, queue, prefix="", most_waiting=1000, chosen=lambda infos: [i.key for i in infos]):
    return Backfill(bucket, prefix, queue, most_waiting, chosen)


def test_every_key_is_queued_once_whatever_the_folders_are_called(bucket, queue):
    everything = plan("", bucket, "")

    of(bucket, queue).run(everything)

    assert sorted(queue.keys) == KEYS
    assert (everything.seen, everything.queued) == (len(KEYS), len(KEYS))


def test_the_ranges_begin_where_folders_begin(bucket):
    cuts = [(part.after, part.last) for part in plan("", bucket, "").ranges]

    assert cuts == [
        ("", "2023/"),
        ("2023/", "2024/"),
        ("2024/", "2024/a/"),
        ("2024/a/", "2024/b/"),
        ("2024/b/", "x/"),
        ("x/", ""),
    ]


def test_many_folders_make_few_ranges_that_leave_nothing_out(queue):
    keys = [f"{number:03}/{name}" for number in range(200) for name in "ab"]
    many = FakeBucket(**dict.fromkeys(keys, b""))
    everything = plan("", many, "")

    of(many, queue).run(everything)

    assert 40 <= len(everything.ranges) <= 64
    assert sorted(queue.keys) == keys


@pytest.mark.parametrize("prefix", ["2024/", "2024/a", "20", "z", "nothing"])
def test_a_prefix_queues_what_begins_with_it(prefix, bucket, queue):
    of(bucket, queue, prefix).run(plan("", bucket, prefix))

    assert sorted(queue.keys) == [key for key in KEYS if key.startswith(prefix)]


def test_what_is_not_chosen_is_looked_at_and_not_queued(bucket, queue):
    everything = plan("", bucket, "")

    of(bucket, queue, chosen=lambda infos: [i.key for i in infos if "b" in i.key]).run(everything)

    assert sorted(queue.keys) == [key for key in KEYS if "b" in key]
    assert (everything.seen, everything.queued) == (len(KEYS), len(queue.keys))


def test_the_queue_is_never_longer_than_it_may_be(bucket, queue):
    longest = []

    def watch(operation, _):
        if operation == "waiting":
            longest.append(len(queue.keys) - queue.taken)
            queue.take(1)

    queue.watch = watch

    of(bucket, queue, most_waiting=4).run(plan("", bucket, ""))

    assert sorted(queue.keys) == KEYS
    assert max(longest) <= 4


def test_a_page_that_is_longer_than_the_queue_may_be_waits_until_it_is_empty(bucket, queue):
    queue.watch = lambda operation, _: queue.take(1) if operation == "waiting" else None

    of(bucket, queue, most_waiting=1).run(plan("", bucket, ""))

    assert sorted(queue.keys) == KEYS


@pytest.mark.parametrize("survived", range(0, len(KEYS), 3))
def test_a_run_that_dies_goes_on_and_repeats_a_page_of_each_worker_at_most(
    survived, bucket, queue, monkeypatch
):
    monkeypatch.setattr(backfill, "_WORKERS", 3)
    kept = [plan("", bucket, "").model_dump_json()]

    def die(operation, _):
        if operation == "put" and len(queue.keys) >= survived:
            raise ConnectionError("reset")

    queue.watch = die
    first = of(bucket, queue)
    first.moved = lambda now, _: kept.append(now.model_dump_json())
    with pytest.raises(ConnectionError):
        first.run(Plan.model_validate_json(kept[0]))
    queue.watch = lambda *_: None
    of(bucket, queue).run(Plan.model_validate_json(kept[-1]))

    assert sorted(set(queue.keys)) == KEYS
    assert len(queue.keys) <= len(KEYS) + 3 * 2


def test_a_run_that_waits_for_room_can_be_stopped(bucket, queue):
    queue.put(["before"])
    waits, run = threading.Event(), of(bucket, queue, most_waiting=1)
    queue.watch = lambda operation, _: waits.set()
    thread = threading.Thread(target=run.run, args=(plan("", bucket, ""),))
    thread.start()
    assert waits.wait(5)

    run.stop.set()
    thread.join(5)

    assert not thread.is_alive()
    assert queue.keys == ["before"]


def test_counting_moves_nothing(bucket, queue):
    everything = plan("", bucket, "")
    before = everything.model_dump_json()

    assert of(bucket, queue).count(everything) == len(KEYS)
    assert everything.model_dump_json() == before
