"""The cost model, and the page that shows it."""

from pathlib import Path

import pytest

from bench import cost

ROOT = Path(__file__).parents[2]


def test_the_page_shows_what_the_command_prints():
    page = (ROOT / "docs" / "cost.md").read_text()

    assert cost.tables() in page
    assert cost.prices() in page


def test_indexing_costs_what_the_formula_says():
    seconds = 100_000 * (cost.INDEX_MS + cost.WAIT_MS) / 1000

    (compute, *_) = cost.indexing(100_000).values()

    assert compute == pytest.approx(seconds * 1769 / 1024 * 0.0000133334 + 10_000 * 0.20e-6)


def test_a_larger_index_costs_more_to_search_only_above_the_least_unit():
    def of(images):
        return cost.searching(1_000, images)["Pinecone"]

    assert of(1_000) == of(100_000) == pytest.approx(1_000 * 0.25 * 16e-6)
    assert of(10_000_000) == pytest.approx(1_000 * 24 * 16e-6)


def test_what_is_kept_is_paid_though_nobody_comes():
    assert cost.idle(0)["secret"] == pytest.approx(0.40)
    assert cost.idle(0)["SQS"] == pytest.approx(648_000 * 0.40e-6)
    assert cost.idle(0)["Pinecone"] == 0
