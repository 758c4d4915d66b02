"""More like this, less like that: what a search consists of, as chips and as an address."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Request, expect

from tests.browser.site import PHONE, Site, expect_first, keys, scores, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
DOG = "animals/dog-german-shepherd.jpg"
HORSES = "animals/horses-herd.jpg"
COAST = "landscapes/coast-sunset.jpg"
CASTLE = "buildings/castle-neuschwanstein.jpg"
HOSTILE = ("<img src=x onerror=alert(1)>", "\u202egpj.cat", "a:b@0,0,1,1:c")


def chip(site: Site, text: str) -> Locator:
    return site.chips.filter(has_text=text)


def strength(site: Site, text: str) -> Locator:
    return chip(site, text).get_by_role("combobox", name="Strength of")


def weigh(site: Site, sign: str, key: str) -> None:
    """Press + or − on a tile."""
    item = site.results.locator(f".tile[data-key='{key}']")
    item.hover()
    item.get_by_role("button", name=f"{sign} {PurePosixPath(key).name}").click()


def asked(site: Site) -> dict[str, list[str]]:
    return parse_qs(urlsplit(site.page.url).query)


def is_search(request: Request) -> bool:
    return "/api/search" in request.url


def test_a_picture_beside_words_moves_the_results_and_its_chip_takes_it_back(site: Site) -> None:
    site.open(text="a castle")
    expect_first(site.results, CASTLE)
    before = keys(site.results)
    expect(chip(site, "“a castle”").get_by_role("combobox")).to_have_count(0)  # it is alone

    weigh(site, "More like", CAT)

    expect(strength(site, "cat-chelsea.jpg")).to_have_value("a little")
    expect(tile(site.results, CAT)).to_have_count(0)
    assert keys(site.results)[:2] == [CASTLE, KITTEN]  # the words still count
    assert asked(site) == {"text": ["a castle"], "image": [f"0.5:{CAT}"]}
    chip(site, "cat-chelsea").get_by_role("button", name="Remove cat-chelsea.jpg").click()
    expect(site.chips).to_have_count(1)
    expect(chip(site, "a castle").get_by_role("button")).to_be_focused()
    expect(tile(site.results, CAT)).to_be_visible()
    assert keys(site.results) == before


@pytest.mark.parametrize("way", ["tile", "panel on a phone"])
def test_less_like_a_picture_leaves_it_out_and_lowers_those_like_it(site: Site, way: str) -> None:
    if way != "tile":
        site.page.set_viewport_size(PHONE)
    site.open(text="an animal")
    expect(tile(site.results, KITTEN)).to_be_visible()
    before = keys(site.results)

    if way == "tile":
        weigh(site, "Less like", KITTEN)
    else:
        tile(site.results, KITTEN).click()
        site.panel.get_by_role("button", name="Less like this").click()

    expect(strength(site, "Less like cat-ginger-kitten.jpg")).to_have_value("normal")
    expect(tile(site.results, KITTEN)).to_have_count(0)
    assert keys(site.results).index(CAT) > [k for k in before if k != KITTEN].index(CAT)


def test_words_are_added_weighed_and_removed_from_the_keyboard(site: Site) -> None:
    site.open(text="an animal")
    expect(site.results.locator(".tile").first).to_be_visible()

    site.page.get_by_role("button", name="Less of…").press("Enter")
    site.page.keyboard.type("a horse")
    site.page.keyboard.press("Enter")
    expect(strength(site, "Less like “a horse”")).to_have_value("normal")
    expect(tile(site.results, HORSES)).to_be_visible()
    first = site.results.locator(".tile").first.get_by_role("link")
    expect(first).not_to_have_accessible_name(HORSES)
    chip(site, "a horse").get_by_role("button", name="Remove").press("Enter")
    expect(site.chips).to_have_count(1)
    site.page.get_by_role("button", name="More of…").press("Enter")
    site.page.keyboard.type("a horse")
    site.page.keyboard.press("Enter")
    expect(strength(site, "“a horse”")).to_have_value("normal")
    expect_first(site.results, HORSES)
    before = scores(site.results)
    with site.page.expect_response("**/api/search"):
        strength(site, "“a horse”").press("ArrowDown")

    expect(strength(site, "“a horse”")).to_have_value("a lot")
    expect(strength(site, "“a horse”")).to_be_focused()
    expect(site.results.locator("ul.grid")).to_have_attribute("aria-busy", "false")
    assert scores(site.results) != before
    chip(site, "“an animal”").get_by_role("button", name="Remove").press("Enter")
    expect(site.search_box).to_have_value("")
    assert asked(site) == {"words": ["2:a horse"]}
    site.page.go_back()  # steps of a strength are no steps of the history
    expect(strength(site, "“a horse”")).to_have_value("a lot")
    site.page.go_back()
    expect(site.chips).to_have_count(1)


def test_plus_and_minus_weigh_the_image_that_has_the_focus(site: Site) -> None:
    focused = site.results.locator(".tile a:focus")
    site.open(text="an animal")
    tile(site.results, DOG).focus()

    site.page.keyboard.press("-")
    expect(tile(site.results, DOG)).to_have_count(0)
    expect(focused).to_have_count(1)
    key = focused.get_attribute("href")
    assert key is not None
    site.page.go_back()
    expect(tile(site.results, DOG)).to_be_visible()
    expect(focused).to_have_attribute("href", key)
    site.page.keyboard.press("+")

    expect(chip(site, PurePosixPath(parse_qs(urlsplit(key).query)["key"][0]).name)).to_be_visible()


def test_a_search_is_an_address_that_shows_the_same_when_loaded(site: Site) -> None:
    query = {
        "text": "an animal",
        "image": f"-1@0.1,0.2,0.5,0.6:{CAT}",
        "words": "0.5:grass: green",
        "prefix": "animals/",
        "orientation": "landscape",
        "sort": "uploaded_at",
    }
    site.open(**query)

    expect(strength(site, "Less like part of cat-chelsea.jpg")).to_have_value("a lot")
    for text in ("“an animal”", "“grass: green”", "In animals/", "Landscape"):
        expect(chip(site, text)).to_be_visible()
    expect(site.page.get_by_label("Order")).to_have_value("uploaded_at")
    expect(tile(site.results, HORSES)).to_be_visible()
    assert all(key.startswith("animals/") for key in keys(site.results))
    tile(site.results, HORSES).click()
    expect(site.panel.get_by_role("heading", name=HORSES)).to_be_visible()
    assert asked(site) == {name: [value] for name, value in {**query, "key": HORSES}.items()}
    with site.page.expect_request(is_search):
        site.panel.get_by_role("button", name="More like this").click()
    expect(site.panel).to_be_hidden()
    expect(chip(site, "horses-herd.jpg")).to_be_visible()


def test_a_simple_search_can_be_cached_and_a_weighted_one_is_posted(site: Site) -> None:
    with site.page.expect_request(is_search) as simple:
        site.open(text="a cat", words="-1:a dog")
    assert simple.value.method == "GET"
    assert parse_qs(urlsplit(simple.value.url).query)["not_text"] == ["a dog"]
    expect(tile(site.results, CAT)).to_be_visible()

    with site.page.expect_request(is_search) as weighted:
        strength(site, "a dog").select_option("normal")
    assert weighted.value.method == "POST"
    terms = json.loads(weighted.value.post_data or "")["terms"]
    assert terms == [{"text": "a cat", "weight": 1}, {"text": "a dog", "weight": -0.5}]


def test_a_search_has_at_most_eight_parts(site: Site) -> None:
    words = "&".join(f"words=1:word+{number}" for number in range(7))
    site.page.goto(f"{site.address}?text=a+cat&{words}")
    expect(tile(site.results, CAT)).to_be_visible()

    weigh(site, "More like", CAT)

    expect(site.page.get_by_text("at most 8 parts")).to_be_visible()
    expect(site.chips).to_have_count(8)


def test_chips_show_words_and_keys_as_text(site: Site) -> None:
    site.expect_fault("404")
    for value in HOSTILE:
        site.open(text=value, words=f"1:{value}", image=f"1:{value}")

        expect(chip(site, f"“{value}”")).to_have_count(2)
        expect(site.chips).to_have_count(3)
        expect(site.page.locator("#chips img, #title img")).to_have_count(0)
