"""What the command says, queues and answers."""

import pytest
from botocore.exceptions import EndpointConnectionError

from deploy import doctor
from image_search.consistency import Finding, Page


class Comparison:
    """Pages that were made up, and where the command began."""

    def __init__(self, *pages, error=None):
        self.given, self.error, self.start = pages, error, None

    def pages(self, start):
        self.start = start
        yield from self.given
        if self.error:
            raise self.error


@pytest.fixture
def command(monkeypatch):
    """Runs the command on a comparison; gives the exit status and what was queued."""

    def run(comparison, *arguments):
        queued = []

        class Queue:
            def __init__(self, url):
                assert url == "uploads"

            def put(self, keys):
                queued.extend(keys)

        monkeypatch.setattr("sys.argv", ["doctor", *arguments])
        monkeypatch.setattr(doctor, "outputs", lambda name: {"UploadsQueue": "uploads"})
        monkeypatch.setattr(doctor, "agreement", lambda stack: comparison)
        monkeypatch.setattr(doctor, "UploadsQueue", Queue)
        return doctor.main(), queued

    return run


MISSING = Page("images", 1000, [Finding("missing", key) for key in "abcdefg"], "images:token")
REJECTED = Page("images", 3, [Finding("rejected: too-many-pixels", "big.tif")], "records:")
ORPHANED = Page("records", 2, [Finding("orphaned record", "z")], "")


def test_totals_and_the_first_keys_are_printed(command, capsys):
    status, queued = command(Comparison(MISSING, REJECTED, ORPHANED))

    said = capsys.readouterr().out
    assert (status, queued) == (1, [])
    assert (
        said
        == """\
      1003  images
         2  records
         0  thumbnails

         7  missing               'a'  'b'  'c'  'd'  'e'
         0  stale
         1  orphaned record       'z'
         0  wrong thumbnail
         0  orphaned thumbnail
         1  rejected: too-many-pixels  'big.tif'
"""
    )


def test_exactly_what_differs_is_queued(command):
    status, queued = command(Comparison(MISSING, REJECTED, ORPHANED), "--fix")

    assert (status, queued) == (0, [*"abcdefg", "z"])


def test_where_nothing_differs_the_command_succeeds(command):
    foreign = Page("thumbnails", 1, [Finding("foreign thumbnail", "x")], "")

    assert command(Comparison(REJECTED, foreign)) == (0, [])


@pytest.mark.parametrize("error", [KeyboardInterrupt(), EndpointConnectionError(endpoint_url="x")])
def test_a_command_that_is_stopped_says_how_to_go_on(error, command, capsys):
    assert command(Comparison(MISSING, error=error)) == (2, [])
    assert "FROM=images:token" in capsys.readouterr().err


def test_the_command_goes_on_where_it_was_stopped(command):
    comparison = Comparison()

    command(comparison, "--from", "images:token")

    assert comparison.start == "images:token"
