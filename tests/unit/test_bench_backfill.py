"""How long a backfill takes: the calculation, the simulation, and the page that shows both."""

from pathlib import Path

import pytest

from bench import backfill, cost
from bench.backfill import Backfill, allowed
from image_search.preprocess import THUMBNAIL_SIDE
from tests.unit.indexes import World
from tests.unit.pictures import flat

ROOT = Path(__file__).parents[2]


def test_the_page_shows_what_the_command_prints():
    page = (ROOT / "docs" / "scale.md").read_text()

    for table in backfill.tables().split("\n\n"):
        assert table in page


def test_an_image_is_read_as_often_as_the_calculation_says(image_encoder):
    world = World(image_encoder, a=flat(size=(THUMBNAIL_SIDE, 9)))

    world.states("a")

    assert world.images.count_of("info") + world.images.count_of("read") == cost.S3_READS
    # a batch also deletes previews that replaced images left; S3 does not charge for that
    assert [operation for operation, _ in world.thumbnails.calls] == ["write", "delete"]


def test_while_copies_bind_the_simulation_takes_as_long_as_the_calculation():
    done = Backfill(100_000, copies=20).run()

    assert done.indexed == 100_000
    assert done.indexed / done.seconds == pytest.approx(allowed(20)["copies"], rel=0.1)


def test_more_copies_than_pinecone_answers_lose_nothing_and_gain_nothing():
    enough, many = Backfill(100_000, 100).run(), Backfill(100_000, 300).run()

    assert (enough.refused, many.indexed + many.dead) == (0, 100_000)
    assert many.refused > 0
    assert many.seconds > enough.seconds
