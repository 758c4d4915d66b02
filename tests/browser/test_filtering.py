"""Which images are wanted, in a search and in the gallery: days, colours, folders, shapes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, expect

from local.user import User
from tests.browser.site import PHONE, Site, keys, tile

CAT = "animals/cat-chelsea.jpg"


def form(site: Site) -> Locator:
    return site.page.get_by_role("dialog", name="Filters")


def open_form(site: Site) -> Locator:
    site.page.get_by_role("button", name="Filter", exact=True).click()
    expect(form(site)).to_be_visible()
    return form(site)


def query(site: Site) -> dict[str, list[str]]:
    return parse_qs(urlsplit(site.page.url).query)


def test_a_folder_is_chosen_from_those_that_there_are_and_the_one_on_show_is_searched(
    site: Site,
) -> None:
    site.open(prefix="food/")
    expect(tile(site.gallery, "food/coffee-cup.jpg")).to_be_visible()
    site.search("a cat")
    expect(site.chips.filter(has_text="In food/")).to_be_visible()
    expect(tile(site.results, "food/coffee-cup.jpg")).to_be_visible()

    fields = open_form(site)
    folder = fields.get_by_label("Folder")
    folder.fill("")
    expect(fields.locator("option[value='animals/']")).to_be_attached()
    folder.fill("animals")
    folder.press("Enter")

    expect(site.chips.filter(has_text="In animals/")).to_be_visible()
    expect(tile(site.results, "food/coffee-cup.jpg")).to_have_count(0)
    expect(tile(site.results, CAT)).to_be_visible()
    assert all(key.startswith("animals/") for key in keys(site.results))


def test_the_uploads_of_yesterday_and_of_today_are_seen_on_a_phone(site: Site, user: User) -> None:
    site.page.set_viewport_size(PHONE)
    today = site.page.evaluate("new Date().toLocaleDateString('sv')")
    yesterday = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()
    listed = keys(site.gallery)

    open_form(site).get_by_role("button", name="Yesterday").click()

    expect(site.gallery).to_contain_text("No image meets these filters.")
    expect(site.heading).to_have_text("No images")
    assert query(site) == {"uploaded": [f"{yesterday}..{yesterday}"]}
    form(site).get_by_role("button", name="Today").click()
    expect(site.heading).to_have_text(re.compile(r"^[1-9]\d* images$"))
    expect(form(site).get_by_role("button", name="Today")).to_have_attribute("aria-pressed", "true")
    site.page.keyboard.press("Escape")
    times = [user.image(key)["uploaded_at"] for key in keys(site.gallery)[:5]]
    assert times == sorted(times, reverse=True)
    site.page.get_by_role("link", name="Clear all").click()

    expect(tile(site.gallery, CAT)).to_be_visible()
    assert keys(site.gallery) == listed


def test_colours_are_swatches_in_the_gallery_and_in_a_search(site: Site, user: User) -> None:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()
    fields = open_form(site)

    fields.get_by_role("checkbox", name="red").check()
    fields.get_by_role("checkbox", name="blue").check()

    expect(site.chips).to_have_text([re.compile("Red or Blue")])
    expect(tile(site.gallery, CAT)).to_have_count(0)
    fields.get_by_role("button", name="Done").click()
    assert all({"red", "blue"} & set(user.image(key)["colors"]) for key in keys(site.gallery))
    site.search("a building")
    expect(site.chips).to_have_count(2)
    expect(site.results.locator(".tile").first).to_be_visible()
    assert all({"red", "blue"} & set(user.image(key)["colors"]) for key in keys(site.results))


def test_each_filter_is_a_chip_that_can_be_changed_and_removed(site: Site) -> None:
    site.open(text="a cat")
    expect(tile(site.results, CAT)).to_be_visible()
    for label, value, said, asked in (
        ("Shape", "portrait", "Portrait", "orientation=portrait"),
        ("Taken from", "2024-05-31", "Taken since 31 May 2024", "taken_after=2024-05-31"),
        ("Taken until", "2024-05-31", "Taken until 31 May 2024", "taken_before=2024-06-01"),
        ("Minimum width, px", "400", "At least 400 px wide", "min_width=400"),
        ("Type", "image/png", "PNG", "content_type=image%2Fpng"),
    ):
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
        expect(field).to_have_value(value)
        fields.get_by_role("button", name="Done").click()
        site.page.get_by_role("button", name=f"Remove filter: {said}").click()
        expect(site.chips).to_have_count(1)

    expect(tile(site.results, CAT)).to_be_visible()


def test_the_order_can_be_by_time(site: Site) -> None:
    order = site.page.get_by_label("Order")
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()
    with site.page.expect_response("**/api/images?*sort=newest*") as listing:
        order.select_option("Newest")
    newest = [image["key"] for image in listing.value.json()["images"]]
    expect(tile(site.gallery, newest[0])).to_be_visible()
    assert keys(site.gallery)[:3] == newest[:3]
    site.search("a cat")
    expect(order).to_have_value("")
    expect(tile(site.results, CAT)).to_be_visible()

    with site.page.expect_response("**/api/search?*sort=uploaded_at*") as answer:
        order.select_option("Newest upload")

    matches = answer.value.json()["matches"]
    times = [match["uploaded_at"] for match in matches]
    assert times == sorted(times, reverse=True)
    expect(site.results).to_contain_text("newest first")
    expect(tile(site.results, matches[0]["key"])).to_be_visible()
    assert keys(site.results)[:3] == [match["key"] for match in matches[:3]]


def test_nothing_found_says_what_narrows_the_search_and_offers_to_widen_it(site: Site) -> None:
    site.open(text="a cat", min_width="90000", prefix="animals/", key=CAT)
    expect(site.heading).to_have_text("Nothing found")
    expect(site.results).to_contain_text("In animals/ · At least 90000 px wide")
    fields = open_form(site)
    site.page.keyboard.press("Escape")  # closes the form, and not what is selected behind it
    expect(fields).to_be_hidden()
    expect(site.panel).to_be_visible()

    site.results.get_by_role("button", name="Clear filters").click()

    expect(tile(site.results, CAT)).to_be_visible()
    assert query(site) == {"text": ["a cat"]}


def test_a_file_is_found_by_its_name_from_the_search_box_and_by_a_filter(site: Site) -> None:
    site.open()
    site.search("cat-chelsea.jpg")

    site.results.get_by_role("link", name="Show images named “cat-chelsea.jpg”").click()

    expect(site.heading).to_have_text("1 image")
    assert keys(site.gallery) == [CAT]
    expect(site.search_box).to_have_value("")
    site.page.get_by_role("button", name="Change filter: Named “cat-chelsea.jpg”").click()
    form(site).get_by_label("File name").fill("Ginger")
    form(site).get_by_label("File name").press("Enter")
    expect(tile(site.gallery, "animals/cat-ginger-kitten.jpg")).to_be_visible()
    expect(tile(site.gallery, CAT)).to_have_count(0)
    site.search("a cat")  # which is not asked among files of a name
    expect(site.chips).to_have_count(1)
    expect(tile(site.results, CAT)).to_be_visible()
    open_form(site)
    expect(form(site).get_by_label("File name")).to_be_hidden()
