"""A reindexing that something stops says how far it came, and goes on there."""

import pytest

from deploy import backfill, reindex
from image_search.errors import QueueError
from tests.unit.fakes import FakeBucket, FakeUploadsQueue

KEYS = [f"{number}.jpg" for number in range(7)]


@pytest.fixture
def queue():
    return FakeUploadsQueue()


@pytest.fixture
def command(queue, monkeypatch, tmp_path):
    """Runs the command on a bucket of seven images, two to a page."""
    bucket = FakeBucket(**dict.fromkeys(KEYS, b""))
    stack = {"ImagesBucket": "images", "UploadsQueue": "uploads", "Bundle": "b"}
    monkeypatch.setattr("sys.argv", ["reindex"])
    monkeypatch.setattr(backfill, "_PAGE", 2)
    monkeypatch.setattr(reindex, "outputs", lambda name: stack)
    monkeypatch.setattr(reindex, "_copies", lambda name: 1)
    monkeypatch.setattr(reindex.cloudformation, "identity", lambda name: "an id")
    monkeypatch.setattr(reindex, "place", lambda name: tmp_path / "place.json")
    monkeypatch.setattr(reindex, "Bucket", lambda name, client: bucket)
    monkeypatch.setattr(reindex, "UploadsQueue", lambda url: queue)
    return reindex.main


@pytest.mark.parametrize("stopped_by", [QueueError("SQS refused some"), KeyboardInterrupt()])
def test_what_was_stopped_goes_on_where_it_was(stopped_by, command, queue, capsys):
    def stop(operation, key):
        if key == "3.jpg":
            raise stopped_by

    queue.watch = stop
    assert command() == 2
    assert capsys.readouterr().err.endswith(
        f"stopped after 2 images ({stopped_by!r}); the same command goes on\n"
    )

    queue.watch = lambda operation, key: None
    assert command() == 0

    assert capsys.readouterr().out.startswith("going on after 2 images;")
    assert queue.keys == KEYS
