"""Without a mouse, and on a screen that the panel covers."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.site import Site, expect_first, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
_MOST_TABS = 12


def tab_to(site: Site, target: Locator) -> None:
    for _ in range(_MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        site.page.keyboard.press("Tab")
    raise AssertionError(f"{target} is more than {_MOST_TABS} tabs away")


def test_everything_to_search_and_select_works_from_the_keyboard(site: Site) -> None:
    keyboard = site.page.keyboard
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()

    keyboard.press("/")
    expect(site.search_box).to_be_focused()
    keyboard.type("a cat")
    keyboard.press("Enter")
    expect_first(site.results, CAT)
    tab_to(site, tile(site.results, CAT))
    keyboard.press("Enter")
    expect_first(site.similar, KITTEN)
    expect(site.panel.get_by_role("heading", name=CAT)).to_be_focused()
    keyboard.press("Escape")

    expect(site.panel).to_be_hidden()
    expect(tile(site.results, CAT)).to_be_focused()


def test_a_slash_can_be_searched_for(site: Site) -> None:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.page.keyboard.press("/")
    site.page.keyboard.type("black/white")

    expect(site.search_box).to_have_value("black/white")


def test_tab_stays_in_the_panel_that_covers_a_phone(site: Site) -> None:
    site.page.set_viewport_size({"width": 390, "height": 844})
    site.open()
    tile(site.gallery, CAT).click()
    expect_first(site.similar, KITTEN)

    for _ in range(_MOST_TABS):
        site.page.keyboard.press("Tab")
        expect(site.page.locator("#header :focus, #main :focus, #footer :focus")).to_have_count(0)
    site.panel.get_by_role("button", name="Close").click()

    expect(site.panel).to_be_hidden()
    expect(tile(site.gallery, CAT)).to_be_focused()
