"""By a picture and by words."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.site import PHONE, Site, expect_first, keys, scores, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
DOG = "animals/dog-german-shepherd.jpg"


def test_similar_images_come_best_first_with_their_scores(site: Site) -> None:
    site.open(key=CAT)

    expect_first(site.similar, KITTEN)
    found = scores(site.similar)
    assert len(found) == len(keys(site.similar)) > 1
    assert found == sorted(found, reverse=True)
    assert CAT not in keys(site.similar)


def test_words_find_what_they_name_while_they_are_typed_on_a_phone(site: Site) -> None:
    site.page.set_viewport_size(PHONE)
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.search_box.press_sequentially("a cat", delay=20)
    expect_first(site.results, CAT)
    assert set(keys(site.results)[:2]) == {CAT, KITTEN}
    expect(site.gallery).to_be_hidden()
    expect(site.page).to_have_title("Images for “a cat” – Image search")
    site.search_box.press_sequentially(" or a dog", delay=20)
    expect(site.chips).to_have_text(re.compile("“a cat or a dog”"))
    expect(site.search_box).to_be_focused()
    site.page.go_back()
    expect(tile(site.gallery, CAT)).to_be_visible()
    site.page.go_forward()
    expect(site.search_box).to_have_value("a cat or a dog")
    site.search_box.fill("")

    expect(tile(site.gallery, CAT)).to_be_visible()


def test_the_empty_box_offers_examples_and_then_what_was_searched_for(site: Site) -> None:
    offered = site.page.locator("#suggestions").get_by_role("button")
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.page.keyboard.press("/")
    expect(offered.first).to_be_visible()
    example = offered.first.text_content() or ""
    site.page.keyboard.press("ArrowDown")
    expect(offered.first).to_be_focused()
    site.page.keyboard.press("Enter")
    expect(site.search_box).to_have_value(example)
    expect(tile(site.results, CAT)).to_be_visible()
    site.search("a horse")
    site.search_box.fill("")
    expect(offered).to_have_text(["a horse", example])
    site.page.keyboard.press("Escape")
    expect(offered).to_have_count(0)
    expect(site.search_box).to_be_focused()


def test_the_first_result_stands_in_the_upper_half_of_a_phone(site: Site) -> None:
    site.page.set_viewport_size(PHONE)
    site.open(text="a cat", words="-0.5:a dog", image=f"0.5:{DOG}", orientation="landscape")
    expect(site.results.locator(".tile").first).to_be_visible()
    first = site.results.locator(".tile").first.bounding_box()
    assert first is not None
    assert first["y"] < PHONE["height"] / 2
    assert site.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_back_forward_and_reload_step_through_what_was_shown(site: Site) -> None:
    site.open()
    site.search("a cat")
    expect(tile(site.results, CAT)).to_be_visible()
    tile(site.results, KITTEN).click()
    expect(site.panel).to_be_visible()

    site.page.go_back()
    expect(site.panel).to_be_hidden()
    expect(tile(site.results, CAT)).to_be_visible()
    site.page.go_back()
    expect(site.search_box).to_have_value("")
    expect(tile(site.gallery, CAT)).to_be_visible()
    site.page.go_forward()
    expect(site.search_box).to_have_value("a cat")
    site.page.go_forward()
    expect(site.panel.get_by_role("heading", name=KITTEN)).to_be_visible()
    site.page.reload()

    expect(site.search_box).to_have_value("a cat")
    expect(tile(site.results, KITTEN)).to_have_attribute("aria-current", "true")
    expect(site.panel.get_by_role("heading", name=KITTEN)).to_be_visible()
    expect_first(site.similar, CAT)
