"""The calculations of what the system costs and of how long a backfill takes; their pages."""

import pytest

from bench import cost
from image_search.preprocess import THUMBNAIL_SIDE
from tests.unit.images import flat
from tests.unit.indexes import World
from tests.unit.lambdas import ROOT


@pytest.mark.parametrize(
    ("page", "tables"),
    [("cost.md", [cost.tables(), cost.prices()]), ("scale.md", cost.backfills().split("\n\n"))],
)
def test_a_page_shows_what_the_command_prints(page, tables):
    written = (ROOT / "docs" / page).read_text()

    assert [table for table in tables if table not in written] == []


def test_indexing_costs_what_the_formula_says():
    seconds = 100_000 * (cost.INDEX_MS + cost.WAIT_MS) / 1000

    (compute, *_) = cost.indexing(100_000).values()

    assert compute == pytest.approx(seconds * 1769 / 1024 * 0.0000133334 + 10_000 * 0.20e-6)


def test_a_larger_index_costs_more_to_search_only_above_the_least_unit():
    def of(images):
        return cost.searching(1_000, images)["Pinecone"]

    assert of(1_000) == of(100_000) == pytest.approx(1_000 * 0.25 * 16e-6)
    assert of(10_000_000) == pytest.approx(1_000 * 24 * 16e-6)


def test_an_idle_stack_pays_for_storage_and_polling():
    assert cost.idle(0)["secret"] == pytest.approx(0.40)
    assert cost.idle(0)["SQS"] == pytest.approx(648_000 * 0.40e-6)
    assert cost.idle(0)["Pinecone"] == 0


def test_an_image_is_read_as_often_as_the_calculation_says(image_encoder):
    world = World(image_encoder, a=flat(size=(THUMBNAIL_SIDE, 9)))

    world.states("a")

    assert world.images.count_of("info") + world.images.count_of("read") == cost.S3_READS
    # One more request deletes what is out of date; S3 does not charge for that.
    assert world.thumbnails.count_of("write") == 1


def test_more_copies_than_pinecone_answers_gain_nothing():
    enough, many = cost.allowed(150), cost.allowed(300)

    assert min(enough.values()) == min(many.values()) == many["Pinecone's requests"]
