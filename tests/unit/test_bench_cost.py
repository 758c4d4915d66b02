"""How long a backfill takes: the calculation, and the page that shows it."""

from pathlib import Path

from bench import cost
from image_search.preprocess import THUMBNAIL_SIDE
from tests.unit.images import flat
from tests.unit.indexes import World

ROOT = Path(__file__).parents[2]


def test_the_page_shows_what_the_command_prints():
    page = (ROOT / "docs" / "scale.md").read_text()

    for table in cost.backfills().split("\n\n"):
        assert table in page


def test_an_image_is_read_as_often_as_the_calculation_says(image_encoder):
    world = World(image_encoder, a=flat(size=(THUMBNAIL_SIDE, 9)))

    world.states("a")

    assert world.images.count_of("info") + world.images.count_of("read") == cost.S3_READS
    # One more request deletes what is out of date; S3 does not charge for that.
    assert world.thumbnails.count_of("write") == 1


def test_more_copies_than_pinecone_answers_gain_nothing():
    enough, many = cost.allowed(150), cost.allowed(300)

    assert min(enough.values()) == min(many.values()) == many["Pinecone's requests"]
