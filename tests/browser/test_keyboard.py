"""Without a mouse, and on a screen that the panel covers."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.site import PHONE, Site, expect_first, keys, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
_MOST_TABS = 24
_FOCUSED = "element => element === document.activeElement"


def tab_to(site: Site, target: Locator) -> None:
    for _ in range(_MOST_TABS):
        if target.evaluate(_FOCUSED):
            return
        site.page.keyboard.press("Tab")
    raise AssertionError(f"{target} is more than {_MOST_TABS} tabs away")


def arrow_to(site: Site, target: Locator) -> None:
    for _ in range(_MOST_TABS):
        if target.evaluate(_FOCUSED):
            return
        site.page.keyboard.press("ArrowRight")
    raise AssertionError(f"{target} is more than {_MOST_TABS} images away")


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
    arrow_to(site, tile(site.results, KITTEN))
    keyboard.press("Enter")
    expect_first(site.similar, CAT)
    expect(site.panel.get_by_role("heading", name=KITTEN)).to_be_focused()
    keyboard.press("Escape")

    expect(site.panel).to_be_hidden()
    expect(tile(site.results, KITTEN)).to_be_focused()


def test_arrows_move_through_the_rows_and_one_tab_leaves_them(site: Site) -> None:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()
    order = keys(site.gallery)
    places = {key: tile(site.gallery, key).bounding_box() or {} for key in order}
    first_row = [key for key in order if places[key]["y"] == places[order[0]]["y"]]
    tile(site.gallery, order[0]).focus()

    site.page.keyboard.press("ArrowRight")
    expect(tile(site.gallery, order[1])).to_be_focused()
    site.page.keyboard.press("ArrowLeft")
    expect(tile(site.gallery, order[0])).to_be_focused()
    site.page.keyboard.press("ArrowUp")
    expect(tile(site.gallery, order[0])).to_be_focused()
    site.page.keyboard.press("ArrowDown")
    expect(tile(site.gallery, order[len(first_row)])).to_be_focused()
    site.page.keyboard.press("End")
    expect(tile(site.gallery, order[-1])).to_be_focused()
    site.page.keyboard.press("Home")
    expect(tile(site.gallery, order[0])).to_be_focused()
    for _ in range(2):  # its checkbox, then what follows the gallery
        site.page.keyboard.press("Tab")

    expect(site.page.locator("#gallery .grid :focus")).to_have_count(0)


def test_a_slash_can_be_searched_for(site: Site) -> None:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.page.keyboard.press("/")
    site.page.keyboard.type("black/white?")

    expect(site.search_box).to_have_value("black/white?")
    expect(site.page.get_by_role("dialog", name="Help")).to_be_hidden()


def test_a_question_mark_explains_the_keys_and_escape_goes_back(site: Site) -> None:
    dialog = site.page.get_by_role("dialog", name="Help")
    site.open()
    tile(site.gallery, CAT).focus()

    site.page.keyboard.press("?")
    expect(dialog).to_contain_text("go to the search box")
    site.page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    expect(tile(site.gallery, CAT)).to_be_focused()
    site.page.get_by_role("button", name="Help").click()
    expect(dialog).to_be_visible()


def test_tab_stays_in_the_panel_that_covers_a_phone(site: Site) -> None:
    site.page.set_viewport_size(PHONE)
    site.open()
    tile(site.gallery, CAT).click()
    expect_first(site.similar, KITTEN)

    for _ in range(_MOST_TABS):
        site.page.keyboard.press("Tab")
        expect(site.page.locator("#header :focus, #main :focus, #footer :focus")).to_have_count(0)
    site.panel.get_by_role("button", name="Close").click()

    expect(site.panel).to_be_hidden()
    expect(tile(site.gallery, CAT)).to_be_focused()
