"""From an image to those like it, to those like a part of it, and to the whole screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from local.stack import LocalStack
from tests.browser.conftest import new_context
from tests.browser.site import PHONE, Site, expect_first, expect_loaded, keys, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
_SEARCH = "**/api/search?*crop=*"
# Controls in view that do not answer 21 pixels from their middle. Links in running text may be
# small, and tiles are left out of the tab order.
_TOO_SMALL = """() => {
  const small = "#crumbs a, #panel-folder, #footer a, [tabindex='-1']:not(.pick)";
  const answers = (control, x, y) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (control.contains(hit) || hit.contains(control) && hit.matches("label"));
  };
  const isSmall = control => {
    const { left, top, width, height } = control.getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const around = [[x - 21, y], [x + 21, y], [x, y - 21], [x, y + 21]];
    const inView = around.filter(([x, y]) => x > 0 && y > 0 && x < innerWidth && y < innerHeight);
    return answers(control, x, y) && !inView.every(place => answers(control, ...place));
  };
  return [...document.querySelectorAll("a[href], button, select, input, label.button")]
    .filter(control => !control.matches(small) && isSmall(control))
    .map(control => control.outerHTML.slice(0, 90));
}"""
_LARGE = ".pswp--open .pswp__item[aria-hidden=false] .pswp__img"


@pytest.fixture(scope="module")
def touched_page(browser: Browser) -> Iterator[Page]:
    with new_context(browser, viewport=PHONE, has_touch=True, is_mobile=True) as context:
        yield context.new_page()


@pytest.fixture
def phone(touched_page: Page, local: LocalStack, photographs: tuple[str, ...]) -> Iterator[Site]:
    """The page under fingers."""
    with Site(touched_page, f"{local.url}/", PHONE) as site:
        yield site


def picture(site: Site) -> Locator:
    return site.page.locator("#picture")


def rectangle(site: Site) -> Locator:
    return site.page.get_by_role("application", name="Part to search for")


def steps(site: Site) -> Locator:
    return site.page.get_by_role("navigation", name="Images on the way here").get_by_role("link")


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


def expect_picture_and_a_similar_image_to_fit(site: Site) -> None:
    panel, shown = site.panel.bounding_box(), picture(site).bounding_box()
    assert panel
    assert shown
    assert shown["height"] <= 0.4 * panel["height"]
    expect(site.similar.locator(".tile").first).to_be_in_viewport(ratio=1)


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


def test_similar_images_lead_on_five_times_and_back_on_a_phone(site: Site) -> None:
    site.page.set_viewport_size(PHONE)
    site.open()
    tile(site.gallery, CAT).click()
    expect_first(site.similar, KITTEN)
    assert CAT not in keys(site.similar)
    expect_picture_and_a_similar_image_to_fit(site)

    seen = [CAT]
    for _ in range(5):
        following = next(key for key in keys(site.similar) if key not in seen)
        tile(site.similar, following).click()
        expect(site.panel.get_by_role("heading", name=following)).to_be_visible()
        expect(site.similar.locator(".tile").first).to_be_visible()
        expect(site.similar.locator(".stale")).to_have_count(0)
        seen.append(following)
        expect(steps(site)).to_have_count(len(seen) - 1)
    site.page.reload()
    expect(steps(site)).to_have_count(5)
    for place in (4, 3, 2):
        site.page.go_back()
        expect(site.panel.get_by_role("heading", name=seen[place])).to_be_visible()
        expect(steps(site)).to_have_count(place)
    steps(site).first.press("Enter")

    expect(site.panel.get_by_role("heading", name=CAT)).to_be_visible()
    expect_first(site.similar, KITTEN)
    expect(steps(site)).to_have_count(0)


def test_a_part_is_drawn_moved_sized_shared_and_taken_back(site: Site) -> None:
    site.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    box = open_cat(site)
    expect_picture_and_a_similar_image_to_fit(site)

    with site.page.expect_response(_SEARCH) as answer:
        drag(site, box, (0.2, 0.2), (0.6, 0.6))
    matches = [match["key"] for match in answer.value.json()["matches"]]
    expect(site.panel.get_by_role("heading", name="Images like this part")).to_be_visible()
    expect_first(site.similar, matches[0])
    assert CAT not in keys(site.similar)
    assert crop(site) == pytest.approx([0.2, 0.2, 0.4, 0.4], abs=0.01)
    box = picture(site).bounding_box() or box
    drag(site, box, (0.4, 0.4), (0.5, 0.3))
    assert crop(site) == pytest.approx([0.3, 0.1, 0.4, 0.4], abs=0.01)
    drag(site, box, (0.7, 0.5), (0.9, 0.9))
    assert crop(site) == pytest.approx([0.3, 0.1, 0.6, 0.8], abs=0.01)

    site.panel.get_by_role("button", name="Share").click()
    expect(site.page.get_by_role("list", name="Notices")).to_contain_text("Link copied.")
    shared = site.page.evaluate("navigator.clipboard.readText()")
    assert shared == site.page.url
    for _ in range(2):
        site.page.go_back()
    assert crop(site) == pytest.approx([0.2, 0.2, 0.4, 0.4], abs=0.01)
    site.panel.get_by_role("button", name="Search the whole image").click()
    expect(rectangle(site)).to_have_count(0)
    expect(site.panel.get_by_role("heading", name="Similar images")).to_be_visible()
    expect_first(site.similar, KITTEN)
    site.page.goto(shared)
    expect(rectangle(site)).to_be_visible()
    site.panel.get_by_role("button", name="More like this").click()

    expect(site.chips.filter(has_text="part of cat-chelsea.jpg")).to_be_visible()
    [written] = parse_qs(urlsplit(site.page.url).query)["image"]
    assert re.fullmatch(rf"1@[\d.,]+:{CAT}", written)
    expect(site.results.locator(".tile").first).to_be_visible()


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
    for impossible in ("0.5,0.5,0.9,0.9", "0,0,0,0", "a,b"):
        site.open(key=CAT, crop=impossible)
        expect_first(site.similar, KITTEN)
        expect(rectangle(site)).to_have_count(0)


def test_a_finger_scrolls_the_panel_until_there_is_a_rectangle_to_drag(phone: Site) -> None:
    box = open_cat(phone)
    touch = phone.page.context.new_cdp_session(phone.page)

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
    assert crop(phone) == []
    phone.panel.get_by_role("button", name="Search a part").tap()
    expect(rectangle(phone)).to_be_in_viewport(ratio=1)
    swipe((0.5, 0.5), (0.4, 0.4))

    expect(phone.page).to_have_url(re.compile("crop=0.15"))


@pytest.mark.parametrize("query", [{}, {"text": "a cat", "orientation": "landscape"}, {"key": CAT}])
def test_what_fingers_touch_is_44_pixels_large(phone: Site, query: dict[str, str]) -> None:
    phone.open(**query)
    expect(phone.page.locator(".tile .pick:visible, #similar .tile").first).to_be_visible()

    small = phone.page.evaluate(_TOO_SMALL)

    assert small == []


def test_an_image_is_seen_as_large_as_the_screen_by_double_click_click_and_keyboard_on_a_phone(
    site: Site,
) -> None:
    site.page.set_viewport_size(PHONE)
    large = site.page.locator(".pswp--open")
    site.open()

    tile(site.gallery, CAT).dblclick()  # the panel covers it after the first click
    image = site.page.locator(_LARGE).last
    expect(image).to_have_js_property("naturalWidth", 451)
    expect(large).to_contain_text("cat-chelsea.jpg")
    expect(large.locator(".pswp__bg")).to_have_css("opacity", "1")
    with site.page.expect_download() as download:
        large.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "cat-chelsea.jpg"
    site.page.keyboard.press("ArrowRight")
    expect(large).to_contain_text("cat-ginger-kitten.jpg")
    large.get_by_role("button", name="Similar images").click()
    expect(large).to_have_count(0)
    expect(site.panel.get_by_role("heading", name=KITTEN)).to_be_visible()
    expect_first(site.similar, CAT)

    picture(site).click()
    expect(large).to_be_visible()
    site.page.go_back()
    expect(site.page.locator(".pswp")).to_have_count(0)
    expect(site.panel).to_be_visible()
    site.page.locator("#panel-title").press("Enter")
    large.get_by_role("button", name="Search a part").click()
    expect(rectangle(site)).to_be_focused()
    site.page.locator("#panel-title").press("Enter")
    expect(large).to_be_visible()
    site.page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    site.page.locator("#panel-title").press("Enter")
    large.get_by_role("button", name="Delete").click()

    expect(large).to_have_count(0)
    expect(site.panel).to_be_hidden()
    expect(tile(site.gallery, KITTEN)).to_have_count(0)
    site.page.get_by_role("button", name="Undo").click()
    expect(tile(site.gallery, KITTEN)).to_be_visible()


def test_the_picture_moves_from_its_tile_into_the_panel_and_back_for_who_likes_motion(
    site: Site,
) -> None:
    site.page.emulate_media(reduced_motion="no-preference")
    site.run_first("""
        const begin = document.startViewTransition;
        window.moves = [];
        document.startViewTransition = function (change) {
            const transition = begin.call(document, change);
            const isOfPicture = ({ effect }) => effect.pseudoElement?.endsWith("group(picture)");
            transition.ready.then(
                () => window.moves.push(document.getAnimations().filter(isOfPicture).length));
            return transition;
        };""")
    site.open()
    expect_loaded(tile(site.gallery, CAT).get_by_role("img"))

    tile(site.gallery, CAT).click()
    expect_first(site.similar, KITTEN)
    expect(site.panel).to_be_visible()
    site.page.wait_for_function("() => window.moves.length === 1")
    site.page.keyboard.press("Escape")
    expect(site.panel).to_be_hidden()

    site.page.wait_for_function("() => window.moves.length === 2")
    assert all(moves > 0 for moves in site.page.evaluate("window.moves"))
