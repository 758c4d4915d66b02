"""A part of the selected image, by mouse, finger and keyboard."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, expect

from local.stack import LocalStack
from tests.browser.site import Site, expect_first, expect_loaded, keys

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
_SEARCH = "**/api/search?*crop=*"


def picture(site: Site) -> Locator:
    return site.page.locator("#picture")


def rectangle(site: Site) -> Locator:
    return site.panel.get_by_role("application", name="Part to search for")


def crop(site: Site) -> list[float]:
    """What the address says."""
    written = site.page.evaluate("new URLSearchParams(location.search).get('crop') ?? ''")
    return [float(part) for part in written.split(",")] if written else []


def open_cat(site: Site) -> FloatRect:
    """Select the cat; where its picture is."""
    site.open(key=CAT)
    expect_first(site.similar, KITTEN)
    expect_loaded(picture(site).get_by_role("img", name=CAT))
    box = picture(site).bounding_box()
    assert box
    return box


def drag(site: Site, box: FloatRect, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place to another, in fractions of the picture."""
    mouse = site.page.mouse
    (x1, y1), (x2, y2) = (
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)
    )
    mouse.move(x1, y1)
    mouse.down()
    mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
    mouse.move(x2, y2)
    mouse.up()


def test_drawing_a_rectangle_searches_for_that_part(site: Site) -> None:
    box = open_cat(site)

    with site.page.expect_response(_SEARCH) as answer:
        drag(site, box, (0.2, 0.1), (0.6, 0.7))

    assert answer.value.ok
    expect(site.panel.get_by_role("heading", name="Images like this part")).to_be_visible()
    expect(rectangle(site)).to_be_visible()
    assert crop(site) == pytest.approx([0.2, 0.1, 0.4, 0.6], abs=0.01)
    matches = [match["key"] for match in answer.value.json()["matches"]]
    expect_first(site.similar, matches[0])
    assert CAT not in keys(site.similar)


def test_a_rectangle_is_moved_sized_and_taken_back(site: Site) -> None:
    site.open(key=CAT, crop="0.2,0.2,0.4,0.4")
    expect_loaded(picture(site).get_by_role("img", name=CAT))
    box = picture(site).bounding_box()
    assert box

    drag(site, box, (0.4, 0.4), (0.5, 0.3))
    assert crop(site) == pytest.approx([0.3, 0.1, 0.4, 0.4], abs=0.01)
    drag(site, box, (0.7, 0.5), (0.9, 0.9))
    assert crop(site) == pytest.approx([0.3, 0.1, 0.6, 0.8], abs=0.01)
    drag(site, box, (0.5, 0.5), (0.9, 0.9))
    assert crop(site) == pytest.approx([0.4, 0.2, 0.6, 0.8], abs=0.01)

    for _ in range(3):
        site.page.go_back()
    assert crop(site) == [0.2, 0.2, 0.4, 0.4]
    expect(rectangle(site)).to_be_visible()
    site.panel.get_by_role("button", name="Search the whole image").click()
    expect(rectangle(site)).to_have_count(0)
    expect(site.panel.get_by_role("heading", name="Similar images")).to_be_visible()
    expect_first(site.similar, KITTEN)


def test_the_keyboard_makes_moves_and_sizes_a_rectangle(site: Site) -> None:
    open_cat(site)

    site.panel.get_by_role("button", name="Search a part").press("Enter")
    expect(rectangle(site)).to_be_focused()
    assert crop(site) == [0.25, 0.25, 0.5, 0.5]
    with site.page.expect_response("**/api/search?*crop=0.23*"):
        site.page.keyboard.press("ArrowLeft")
        site.page.keyboard.press("ArrowUp")
        site.page.keyboard.press("Shift+ArrowRight")
        site.page.keyboard.press("Shift+ArrowDown")
    assert crop(site) == [0.23, 0.23, 0.52, 0.52]
    expect(rectangle(site)).to_have_accessible_name(
        "Part to search for: 52 % wide, 52 % high, 23 % from the left, 23 % from the top. "
        "Arrow keys move it, with Shift they size it."
    )
    site.page.keyboard.press("Escape")

    expect(rectangle(site)).to_have_count(0)
    expect(site.panel).to_be_visible()
    assert crop(site) == []


def test_a_click_on_the_picture_draws_nothing_and_shows_it_large(site: Site) -> None:
    open_cat(site)

    picture(site).click()

    expect(site.page.locator(".pswp--open")).to_be_visible()
    assert crop(site) == []


def test_more_like_a_part_is_a_chip_that_shows_the_part(site: Site) -> None:
    site.open(key=CAT, crop="0.2,0.1,0.4,0.5")
    expect(rectangle(site)).to_be_visible()

    site.panel.get_by_role("button", name="More like this").click()

    expect(site.chips.filter(has_text="part of cat-chelsea.jpg")).to_be_visible()
    assert parse_qs(urlsplit(site.page.url).query) == {"image": [f"1@0.2,0.1,0.4,0.5:{CAT}"]}
    expect(site.results.locator(".tile").first).to_be_visible()


@pytest.mark.parametrize("written", ["0.5,0.5,0.9,0.9", "0,0,0,0", "a,b,c,d", "0.1"])
def test_an_address_with_an_impossible_part_shows_the_whole(site: Site, written: str) -> None:
    site.open(key=CAT, crop=written)

    expect_first(site.similar, KITTEN)
    expect(rectangle(site)).to_have_count(0)


def test_a_finger_scrolls_the_panel_until_there_is_a_rectangle_to_drag(
    browser: Browser, local: LocalStack, photographs: tuple[str, ...]
) -> None:
    with browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as context:
        site = Site(context.new_page(), f"{local.address}/")
        box = open_cat(site)
        touch = context.new_cdp_session(site.page)

        def swipe(start: tuple[float, float], end: tuple[float, float]) -> None:
            for kind, places in (
                ("touchStart", [start]),
                ("touchMove", [((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)]),
                ("touchMove", [end]),
                ("touchEnd", []),
            ):
                points = [
                    {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
                    for x, y in places
                ]
                touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        swipe((0.3, 0.8), (0.5, 0.2))
        assert crop(site) == []
        site.panel.get_by_role("button", name="Search a part").tap()
        expect(rectangle(site)).to_be_in_viewport(ratio=1)
        swipe((0.5, 0.5), (0.4, 0.4))

        expect(site.page).to_have_url(re.compile("crop=0.15"))
