"""Which images may be found: folders, days, shapes, sizes and types."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.site import Site, keys, tile

CAT = "animals/cat-chelsea.jpg"


def form(site: Site) -> Locator:
    return site.page.get_by_role("dialog", name="Search only images …")


def open_form(site: Site) -> Locator:
    site.page.get_by_role("button", name="Add filter").click()
    expect(form(site)).to_be_visible()
    return form(site)


def test_a_folder_is_chosen_from_those_that_there_are(site: Site) -> None:
    site.open(text="a cat")
    fields = open_form(site)
    folder = fields.get_by_label("in folder")
    expect(folder).to_be_focused()
    expect(fields.locator("option[value='animals/']")).to_be_attached()

    folder.fill("animals")
    folder.press("Enter")

    expect(site.chips.filter(has_text="In animals/")).to_be_visible()
    expect(tile(site.results, "food/coffee-cup.jpg")).to_have_count(0)
    expect(tile(site.results, CAT)).to_be_visible()
    assert all(key.startswith("animals/") for key in keys(site.results))


def test_the_folder_on_show_is_the_folder_that_is_searched(site: Site) -> None:
    site.open(prefix="animals/")
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.search("a cat")

    expect(site.chips.filter(has_text="In animals/")).to_be_visible()
    expect(tile(site.results, CAT)).to_be_visible()
    assert all(key.startswith("animals/") for key in keys(site.results))


@pytest.mark.parametrize(
    ("label", "value", "said", "asked"),
    [
        ("that are", "portrait", "Portrait", "orientation=portrait"),
        ("taken since", "2024-05-31", "Taken since 31 May 2024", "taken_after=2024-05-31"),
        ("uploaded before", "2024-05-31", "Uploaded before 31 May 2024", r"uploaded_before=\d+"),
        ("at least wide, px", "400", "At least 400 px wide", "min_width=400"),
        ("of type", "image/png", "PNG", "content_type=image%2Fpng"),
    ],
)
def test_each_filter_is_a_chip_that_can_be_changed_and_removed(
    site: Site, label: str, value: str, said: str, asked: str
) -> None:
    site.open(text="a cat")
    expect(tile(site.results, CAT)).to_be_visible()
    fields = open_form(site)
    field = fields.get_by_label(label)

    with site.page.expect_request(re.compile(asked)):
        if field.evaluate("field => field instanceof HTMLSelectElement"):
            field.select_option(value)
        else:
            field.fill(value)
            field.blur()
    site.page.keyboard.press("Escape")
    expect(fields).to_be_hidden()
    site.page.get_by_role("button", name=f"Change filter: {said}").click()
    expect(field).to_be_focused()
    expect(field).to_have_value(value)
    fields.get_by_role("button", name="Done").click()
    site.page.get_by_role("button", name=f"Remove filter: {said}").click()

    expect(site.chips).to_have_count(0)
    expect(tile(site.results, CAT)).to_be_visible()


def test_the_order_can_be_by_time(site: Site) -> None:
    site.open(text="a cat")
    expect(tile(site.results, CAT)).to_be_visible()

    with site.page.expect_response("**/api/search?*sort=uploaded_at*") as answer:
        site.page.get_by_label("Order").select_option("newest upload")

    matches = answer.value.json()["matches"]
    times = [match["uploaded_at"] for match in matches]
    assert times == sorted(times, reverse=True)
    expect(site.results).to_contain_text("newest first")
    expect(tile(site.results, matches[0]["key"])).to_be_visible()
    assert keys(site.results)[:3] == [match["key"] for match in matches[:3]]


def test_nothing_found_says_what_narrows_the_search_and_offers_to_widen_it(site: Site) -> None:
    site.open(text="a cat", min_width="90000", prefix="animals/")
    expect(site.results).to_contain_text("Nothing found.")
    expect(site.results).to_contain_text("In animals/ · At least 90000 px wide")

    site.results.get_by_role("button", name="Clear filters").click()

    expect(tile(site.results, CAT)).to_be_visible()
    assert parse_qs(urlsplit(site.page.url).query) == {"text": ["a cat"]}


def test_escape_closes_the_form_and_not_the_selected_image_behind_it(site: Site) -> None:
    site.open(text="a cat", key=CAT)
    expect(site.panel).to_be_visible()
    fields = open_form(site)

    site.page.keyboard.press("Escape")

    expect(fields).to_be_hidden()
    expect(site.panel).to_be_visible()
