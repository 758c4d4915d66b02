"""What the command prints, queues and answers, and how it goes on."""

import json
import os
import signal

import pytest

from deploy import doctor
from image_search import walk
from image_search.consistency import ConsistencyChecker
from image_search.errors import QueueError
from tests.unit.images import flat
from tests.unit.indexes import World

KEYS = [f"{number}.jpg" for number in range(7)]


@pytest.fixture
def world(image_encoder):
    """Seven images that are not indexed, a rejected one, and a record without an image."""
    world = World(image_encoder, **dict.fromkeys([*KEYS, "gone"], flat()), text=b"no image")
    world.states("gone", "text")
    world.images.remove("gone")
    return world


@pytest.fixture
def place(tmp_path):
    return tmp_path / "place.json"


@pytest.fixture
def command(world, queue, place, monkeypatch):
    """Runs the command and gives its exit status."""
    stack = {"UploadsQueue": "uploads", "Bundle": "b"}

    def checker(stack, prefix=""):
        return ConsistencyChecker(world.images, world.thumbnails, world.vectors, prefix)

    monkeypatch.setattr(walk, "_OBJECTS", 2)
    monkeypatch.setattr(walk, "_RECORDS", 2)
    monkeypatch.setattr(doctor, "outputs", lambda name: stack)
    monkeypatch.setattr(doctor, "checker", checker)
    monkeypatch.setattr(doctor, "_concurrency", lambda name: 1)
    monkeypatch.setattr(doctor.cloudformation, "identity", lambda name: "an id")
    monkeypatch.setattr(doctor, "place_file", lambda name: place)
    monkeypatch.setattr(doctor, "UploadsQueue", lambda url: queue)

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["doctor", *arguments])
        return doctor.main()

    return run


def test_totals_and_the_first_keys_are_printed(command, queue, capsys):
    assert command() == 1

    assert (
        capsys.readouterr().out
        == """\
         8  images
         1  records
         2  thumbnails

         7  missing               '0.jpg'  '1.jpg'  '2.jpg'  '3.jpg'  '4.jpg'
         0  stale
         1  orphaned record       'gone'
         0  wrong thumbnail
         0  orphaned thumbnail
         0  orphaned rejection
         1  rejected: not-a-readable-image  'text'

"""
    )
    assert queue.keys == []


@pytest.mark.parametrize(
    ("arguments", "status", "queued"),
    [
        (["--fix"], 0, [*KEYS, "gone"]),
        (["--rejected"], 1, ["text"]),
        (["--fix", "--rejected"], 0, [*KEYS, "gone", "text"]),
        (["--everything"], 0, [*KEYS, "text"]),
        (["--fix", "--prefix", "3"], 0, ["3.jpg"]),
        (["--everything", "--prefix", "3"], 0, ["3.jpg"]),
    ],
)
def test_exactly_the_requested_keys_are_queued(arguments, status, queued, command, queue, capsys):
    assert command(*arguments) == status

    assert sorted(queue.keys) == queued
    assert capsys.readouterr().out.endswith(f"queued {len(queued)} keys\n")


def test_where_everything_is_queued_nothing_is_compared(command, world, capsys):
    calls = len(world.vectors.calls)

    command("--everything")

    assert capsys.readouterr().out == "queued 8 keys\n"
    assert len(world.vectors.calls) == calls


def test_where_nothing_differs_the_command_succeeds(command, world, place):
    world.states(*KEYS, "gone")
    world.thumbnails.put("foreign", b"")

    assert command() == 0
    assert not place.exists()


@pytest.mark.parametrize("mode", ["--fix", "--everything"])
@pytest.mark.parametrize("stopped_by", [QueueError("SQS refused some"), KeyboardInterrupt()])
def test_a_stopped_command_resumes_where_it_was(stopped_by, mode, command, world, queue, capsys):
    def stop(operation, key):
        if key == "3.jpg":
            raise stopped_by

    queue.watch = stop
    assert command(mode, "--prefix", "") == 2
    stopped = capsys.readouterr().err
    assert stopped.endswith(f"stopped ({stopped_by!r}); the same command continues\n")

    queue.watch = lambda operation, key: None
    assert command(mode, "--prefix", "") == 0

    out = capsys.readouterr().out
    assert out.startswith("continuing after ")
    assert out.endswith("queued 8 keys\n")
    assert [key for key in queue.keys if key in KEYS] == KEYS


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("mode", ["--fix", "--everything"])
def test_a_killed_command_resumes_where_it_was(mode, command, queue, place, tmp_path, capsys):
    before = tmp_path / "queued"

    def record_and_die(operation, key):
        if key == "5.jpg":
            os.kill(os.getpid(), signal.SIGKILL)
        if operation == "put":
            with before.open("a") as file:
                file.write(f"{key}\n")

    killed = os.fork()
    if not killed:
        queue.watch = record_and_die
        command(mode)
    assert os.waitstatus_to_exitcode(os.waitpid(killed, 0)[1]) == -signal.SIGKILL
    assert place.exists()

    assert command(mode) == 0

    first = before.read_text().split()
    assert capsys.readouterr().out.startswith("continuing after ")
    assert {*first, *queue.keys} == {*KEYS, "gone" if mode == "--fix" else "text"}
    assert set(first) & set(queue.keys) & set(KEYS) <= {"4.jpg"}  # of the page that was not done
    assert not place.exists()


@pytest.mark.parametrize("other", [["--prefix", "x"], ["--everything"], ["--name", "another"]])
def test_another_command_begins_anew(other, command, queue, place, capsys):
    queue.broken = QueueError("SQS refused some")
    command("--fix")
    assert place.exists()
    queue.broken = None

    command(*other)

    assert "going on" not in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{}", "[", json.dumps({"run": "x"})])
def test_a_place_that_cannot_be_read_begins_anew(content, command, place):
    place.write_text(content)

    assert command() == 1
