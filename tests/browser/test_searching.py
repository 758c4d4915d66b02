"""By a picture and by words."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.site import Site, expect_first, keys, scores, tile

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


def test_words_find_what_they_name(site: Site) -> None:
    site.open()

    site.search("a cat")

    expect(site.page.get_by_role("heading", name="Images for “a cat”")).to_be_visible()
    expect(tile(site.results, CAT)).to_be_visible()
    assert set(keys(site.results)[:2]) == {CAT, KITTEN}
    expect(site.gallery).to_be_hidden()


def test_words_are_searched_for_while_they_are_typed(site: Site) -> None:
    site.open()

    site.search_box.press_sequentially("a cat", delay=20)
    expect_first(site.results, CAT)
    site.search_box.press_sequentially(" or a dog", delay=20)
    expect(site.page.get_by_role("heading", name="Images for “a cat or a dog”")).to_be_visible()
    expect(site.search_box).to_be_focused()
    site.page.go_back()

    expect(tile(site.gallery, CAT)).to_be_visible()


def test_emptying_the_box_shows_all_images_again(site: Site) -> None:
    site.open(text="a cat")
    expect_first(site.results, CAT)

    site.search_box.fill("")

    expect(tile(site.gallery, CAT)).to_be_visible()


def test_back_and_forward_step_through_what_was_shown(site: Site) -> None:
    site.open()
    site.search("a cat")
    expect(tile(site.results, CAT)).to_be_visible()
    tile(site.results, DOG).click()
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

    expect(site.panel.get_by_role("heading", name=DOG)).to_be_visible()
    expect(tile(site.results, CAT)).to_be_visible()


def test_reloading_keeps_words_and_selection(site: Site) -> None:
    site.open()
    site.search("a cat")
    tile(site.results, KITTEN).click()
    expect_first(site.similar, CAT)

    site.page.reload()

    expect(site.search_box).to_have_value("a cat")
    expect(tile(site.results, KITTEN)).to_have_attribute("aria-current", "true")
    expect(site.panel.get_by_role("heading", name=KITTEN)).to_be_visible()
    expect_first(site.similar, CAT)
