"""Going back, and loading the page again: everything is where it was."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.site import Site, tile

_COUNT = 260
_DEEP = "many/image-0150.jpg"
_PAGE = 100


def _images(start: int) -> list[dict[str, object]]:
    names = [f"many/image-{number:04}.jpg" for number in range(start, min(start + _PAGE, _COUNT))]
    size = {"width": 300, "height": 200, "etag": "1", "state": "indexed"}
    return [
        {"key": key, "url": f"/{key}", "thumbnail_url": "/favicon.svg", **size} for key in names
    ]


@pytest.fixture
def many(site: Site) -> Site:
    """A page over three pages of images, in the gallery and in every search."""

    def answer(route: Route, name: str) -> None:
        query = route.request.url
        start = int(query.partition("cursor=")[2].partition("&")[0] or 0)
        cursor = str(start + _PAGE) if start + _PAGE < _COUNT else None
        body: dict[str, object] = {name: _images(start), "cursor": cursor, "bundle": "b"}
        route.fulfill(json=body | {"terms": [{"stored": False, "cut": False}]})

    def image(route: Route) -> None:
        route.fulfill(json=_images(150)[0])

    site.page.route("**/api/images?*", lambda route: answer(route, "images"))
    site.page.route("**/api/images?*folders=true*", _folders)
    site.page.route("**/api/search*", lambda route: answer(route, "matches"))
    site.page.route("**/api/image?*", image)
    site.page.route("**/many/*.jpg", lambda route: route.fulfill(path="web/favicon.svg"))
    site.expect_fault("404")
    return site


def _folders(route: Route) -> None:
    route.fulfill(json={"images": [], "folders": ["many/"], "cursor": None})


def _scroll_to_deep(page: Page, place: Locator) -> float:
    while tile(place, _DEEP).count() == 0:
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(50)
    tile(place, _DEEP).evaluate("tile => tile.scrollIntoView({ block: 'center' })")
    page.wait_for_function("() => history.state?.place")
    page.wait_for_timeout(400)  # the place is kept when scrolling has come to rest
    return _top(place)


def _top(place: Locator) -> float:
    return float(tile(place, _DEEP).evaluate("tile => tile.getBoundingClientRect().top"))


def _folder(site: Site) -> None:
    site.page.evaluate("document.querySelector('#folders a').click()")
    expect(site.page.locator("#crumbs")).to_contain_text("many")


def _other_search(site: Site) -> None:
    site.page.keyboard.press("/")
    site.page.keyboard.type("another thing")
    site.page.keyboard.press("Enter")
    expect(site.page).to_have_url(re.compile("another"))


def _leave(site: Site) -> None:
    site.page.goto("about:blank")


@pytest.mark.parametrize("away", [_folder, _other_search, _leave])
def test_going_back_to_the_gallery_comes_to_where_it_was(
    many: Site, away: Callable[[Site], None]
) -> None:
    many.open()
    before = _scroll_to_deep(many.page, many.gallery)

    away(many)
    many.page.go_back()

    expect(tile(many.gallery, _DEEP)).to_be_in_viewport()
    assert _top(many.gallery) == pytest.approx(before, abs=2)


def test_going_back_to_a_search_asks_for_nothing(many: Site) -> None:
    many.open(text="a thing", orientation="landscape")
    before = _scroll_to_deep(many.page, many.results)
    _other_search(many)
    expect(tile(many.results, "many/image-0000.jpg")).to_be_in_viewport()
    asked: list[str] = []
    many.on("request", lambda request: asked.append(request.url))

    many.page.go_back()

    expect(tile(many.results, _DEEP)).to_be_in_viewport()
    assert _top(many.results) == pytest.approx(before, abs=2)
    assert [url for url in asked if "/api/" in url] == []


@pytest.mark.parametrize("query", [{}, {"text": "a thing"}])
def test_loading_the_page_again_comes_to_where_it_was(many: Site, query: dict[str, str]) -> None:
    many.open(**query)
    place = many.results if query else many.gallery
    before = _scroll_to_deep(many.page, place)

    many.page.reload()

    expect(tile(place, _DEEP)).to_be_in_viewport()
    assert _top(place) == pytest.approx(before, abs=2)


def test_a_link_to_an_image_of_a_later_page_scrolls_the_list_to_it(many: Site) -> None:
    many.open(key=_DEEP)

    expect(tile(many.gallery, _DEEP)).to_be_in_viewport()
    expect(tile(many.gallery, _DEEP)).to_have_attribute("aria-current", "true")
