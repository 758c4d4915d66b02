"""More like this, less like that: what a search consists of, as chips and as an address."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Request, expect

from tests.browser.site import Site, expect_first, keys, scores, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
DOG = "animals/dog-german-shepherd.jpg"
HORSES = "animals/horses-herd.jpg"
COAST = "landscapes/coast-sunset.jpg"


def chip(site: Site, text: str) -> Locator:
    return site.chips.filter(has_text=text)


def press(place: Locator, name: str) -> None:
    place.get_by_role("button", name=name, exact=True).click()


def weigh(site: Site, sign: str, key: str) -> None:
    """Press + or − on a tile."""
    item = site.results.locator(f".tile[data-key='{key}']")
    item.hover()
    item.get_by_role("button", name=f"{sign} {PurePosixPath(key).name}").click()


def asked(site: Site) -> dict[str, list[str]]:
    return parse_qs(urlsplit(site.page.url).query)


def is_search(request: Request) -> bool:
    return "/api/search" in request.url


def test_a_picture_is_added_to_the_words_and_moves_the_results(site: Site) -> None:
    site.open(text="a cat")
    expect(tile(site.results, COAST)).to_be_visible()
    before = keys(site.results)

    weigh(site, "More like", COAST)

    expect(chip(site, "coast-sunset.jpg").locator(".weight")).to_have_text("0.5")
    expect(tile(site.results, COAST)).to_have_count(0)
    assert keys(site.results) != [key for key in before if key != COAST]
    assert asked(site) == {"text": ["a cat"], "image": [f"0.5:{COAST}"]}


def test_less_like_a_picture_leaves_it_out_and_lowers_those_like_it(site: Site) -> None:
    site.open(text="an animal")
    expect(tile(site.results, KITTEN)).to_be_visible()
    before = keys(site.results)

    weigh(site, "Less like", KITTEN)

    expect(chip(site, "Less like cat-ginger-kitten.jpg").locator(".weight")).to_have_text("−0.5")
    expect(tile(site.results, KITTEN)).to_have_count(0)
    assert keys(site.results).index(CAT) > [k for k in before if k != KITTEN].index(CAT)


@pytest.mark.parametrize(("button", "weight"), [("More of…", "1"), ("Less of…", "−0.5")])
def test_words_are_added_from_the_keyboard(site: Site, button: str, weight: str) -> None:
    site.open(text="an animal")
    expect(site.results.locator(".tile").first).to_be_visible()

    site.page.get_by_role("button", name=button).press("Enter")
    site.page.keyboard.type("a horse")
    site.page.keyboard.press("Enter")

    expect(chip(site, "“a horse”").locator(".weight")).to_have_text(weight)
    if weight == "1":
        expect_first(site.results, HORSES)
    else:
        expect(tile(site.results, HORSES)).to_be_visible()
        assert keys(site.results)[0] != HORSES


def test_weights_go_up_and_down_in_steps_and_skip_zero(site: Site) -> None:
    site.open(text="an animal", words="0.5:a horse")
    weight = chip(site, "a horse").locator(".weight")
    expect(weight).to_have_text("0.5")

    more = site.page.get_by_role("button", name="More of “a horse”")
    less = site.page.get_by_role("button", name="Less of “a horse”")
    more.press("Enter")
    expect(weight).to_have_text("0.75")
    expect(more).to_be_focused()
    for expected in ("0.5", "0.25", "−0.25"):
        less.press("Enter")
        expect(weight).to_have_text(expected)
    site.page.go_back()

    assert site.page.url == "about:blank"  # steps of a weight are no steps of the history


def test_a_weight_changes_the_scores(site: Site) -> None:
    site.open(text="an animal", words="0.25:a horse")
    expect(tile(site.results, HORSES)).to_be_visible()
    before = scores(site.results)

    with site.page.expect_response("**/api/search"):
        press(chip(site, "a horse"), "More of “a horse”")

    expect(site.results.locator("ul.grid")).to_have_attribute("aria-busy", "false")
    assert scores(site.results) != before


def test_words_still_count_beside_a_picture(site: Site) -> None:
    castle = "buildings/castle-neuschwanstein.jpg"
    site.open(text="a castle")
    expect_first(site.results, castle)

    weigh(site, "More like", CAT)

    expect(tile(site.results, CAT)).to_have_count(0)
    assert keys(site.results)[:2] == [castle, KITTEN]


def test_removing_a_chip_brings_the_earlier_results_back(site: Site) -> None:
    site.open(text="a cat")
    expect_first(site.results, CAT)
    before = keys(site.results)
    weigh(site, "More like", COAST)
    expect(tile(site.results, COAST)).to_have_count(0)

    press(chip(site, "coast-sunset.jpg"), "Remove coast-sunset.jpg")

    expect(site.chips).to_have_count(0)
    expect(site.search_box).to_be_focused()
    expect(tile(site.results, COAST)).to_be_visible()
    assert keys(site.results) == before


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


def test_the_selected_image_can_be_searched_with_and_without_words(site: Site) -> None:
    site.open(key=CAT)

    press(site.panel, "More like this")

    expect(site.panel).to_be_hidden()
    expect(chip(site, "cat-chelsea.jpg")).to_be_visible()
    expect_first(site.results, KITTEN)


def test_a_search_is_an_address_that_shows_the_same_when_loaded(site: Site) -> None:
    query = {
        "text": "an animal",
        "image": f"-0.75@0.1,0.2,0.5,0.6:{CAT}",
        "words": "0.5:grass: green",
        "prefix": "animals/",
        "orientation": "landscape",
        "sort": "uploaded_at",
    }
    site.open(**query)

    expect(chip(site, "Less like part of cat-chelsea.jpg").locator(".weight")).to_have_text("−0.75")
    expect(chip(site, "“grass: green”")).to_be_visible()
    expect(chip(site, "In animals/")).to_be_visible()
    expect(chip(site, "Landscape")).to_be_visible()
    expect(site.page.get_by_label("Order")).to_have_value("uploaded_at")
    expect(tile(site.results, HORSES)).to_be_visible()
    assert all(key.startswith("animals/") for key in keys(site.results))
    tile(site.results, HORSES).click()
    expect(site.panel.get_by_role("heading", name=HORSES)).to_be_visible()
    assert asked(site) == {name: [value] for name, value in {**query, "key": HORSES}.items()}


def test_a_simple_search_can_be_cached_and_a_weighted_one_is_posted(site: Site) -> None:
    with site.page.expect_request(is_search) as simple:
        site.open(text="a cat", words="-1:a dog")
    assert simple.value.method == "GET"
    assert parse_qs(urlsplit(simple.value.url).query)["not_text"] == ["a dog"]
    expect(tile(site.results, CAT)).to_be_visible()

    with site.page.expect_request(is_search) as weighted:
        press(chip(site, "a dog"), "More of “a dog”")
    assert weighted.value.method == "POST"
    terms = json.loads(weighted.value.post_data or "")["terms"]
    assert terms == [{"text": "a cat", "weight": 1}, {"text": "a dog", "weight": -0.75}]


def test_a_search_has_at_most_eight_parts(site: Site) -> None:
    words = "&".join(f"words=1:word+{number}" for number in range(7))
    site.page.goto(f"{site.address}?text=a+cat&{words}")
    expect(tile(site.results, CAT)).to_be_visible()

    weigh(site, "More like", CAT)

    expect(site.page.get_by_text("at most 8 parts")).to_be_visible()
    expect(site.chips).to_have_count(7)


@pytest.mark.parametrize(
    "value", ["<img src=x onerror=alert(1)>", "\u202egpj.cat", "a:b@0,0,1,1:c"]
)
def test_chips_show_words_and_keys_as_text(site: Site, value: str) -> None:
    site.expect_fault("404")
    site.page.goto(site.address)

    site.open(text="a cat", words=f"1:{value}", image=f"1:{value}")

    expect(chip(site, f"“{value}”")).to_be_visible()
    expect(site.chips).to_have_count(2)
    expect(site.page.locator("#chips img, #results-title img")).to_have_count(0)
