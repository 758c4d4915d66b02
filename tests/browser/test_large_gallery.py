"""Ten thousand images: only what is near the screen exists, wherever that is."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.site import Site, keys, tile

COUNT = 10_000
# More than the page asks for, so that all are there in a few seconds.
PAGE = 2_500
# A shape for every image; the thumbnail is one grey pixel.
RATIOS = ((3, 2), (2, 3), (4, 3), (16, 9), (1, 1))
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
THUMBHASH = "npoGFIbMqlbJeXfye3cQcg0g5w=="
_MOST_TILES = 200


def image(number: int) -> dict[str, object]:
    """What the API would say of one of them."""
    width, height = RATIOS[number % len(RATIOS)]
    key = f"many/{number:05}.jpg"
    return {
        "key": key,
        "url": f"/images/{key}?v={number}",
        "thumbnail_url": f"/thumbs/{number}.webp",
        "state": "indexed",
        "etag": str(number),
        "size": 1,
        "uploaded_at": 1,
        "width": 100 * width,
        "height": 100 * height,
        "thumbhash": THUMBHASH,
    }


def answer(route: Route) -> None:
    """One page of the list; no folders."""
    query = {
        name: values[0] for name, values in parse_qs(urlparse(route.request.url).query).items()
    }
    if query.get("folders") == "true":
        return route.fulfill(json={"images": [], "folders": [], "cursor": None})
    first = int(query.get("cursor", 0))
    end = min(first + PAGE, COUNT)
    page = {"images": [image(n) for n in range(first, end)], "cursor": str(end)}
    return route.fulfill(json=page | ({"cursor": None} if end == COUNT else {}))


@pytest.fixture
def large(site: Site) -> Site:
    site.expect_fault("40[34]|422")  # of the originals, which do not exist
    site.page.route("**/api/images?*", answer)
    site.page.route("**/thumbs/*", lambda r: r.fulfill(body=PIXEL, content_type="image/png"))
    site.open()
    expect(tile(site.gallery, "many/00000.jpg")).to_be_visible()
    return site


def scroll_until(page: Page, loaded: int) -> None:
    """Scroll to the end until so many are loaded."""
    page.evaluate(
        """async loaded => {
          const count = document.querySelector("#title");
          while (parseInt(count.textContent.replace(/\\D/g, "")) < loaded) {
            scrollTo(0, document.documentElement.scrollHeight);
            await new Promise(requestAnimationFrame);
          }
        }""",
        loaded,
    )


def test_ten_thousand_images_are_a_few_tiles_at_a_time(large: Site) -> None:
    scroll_until(large.page, COUNT)

    expect(large.heading).to_have_text("10,000 images")
    assert len(keys(large.gallery)) < _MOST_TILES
    for share in (0.5, 0.0, 0.99, 0.25):
        large.page.evaluate(
            "share => scrollTo(0, share * document.documentElement.scrollHeight)", share
        )
        expect(_middle(large)).to_be_visible()
        assert len(keys(large.gallery)) < _MOST_TILES


def test_the_next_page_is_fetched_before_the_end_is_reached(large: Site) -> None:
    with large.page.expect_request("**/api/images?*cursor=*"):
        large.page.evaluate(
            "scrollTo(0, document.documentElement.scrollHeight - 3.5 * innerHeight)"
        )


def test_end_and_home_lead_to_the_last_and_first_of_what_is_loaded(large: Site) -> None:
    tile(large.gallery, "many/00000.jpg").focus()

    large.page.keyboard.press("End")
    expect(large.gallery.get_by_role("link", name=f"many/{PAGE - 1:05}.jpg")).to_be_focused()
    large.page.keyboard.press("Home")

    expect(tile(large.gallery, "many/00000.jpg")).to_be_focused()
    expect(tile(large.gallery, "many/00000.jpg")).to_be_in_viewport()


def test_opening_an_image_far_down_keeps_it_in_view(large: Site) -> None:
    scroll_until(large.page, 1000)
    large.page.evaluate("scrollTo(0, 8000)")
    link = _middle(large)
    key = str(link.evaluate("link => link.closest('li').dataset.key"))

    link.click()
    expect(large.panel).to_be_visible()
    expect(tile(large.gallery, key)).to_be_in_viewport()
    large.page.keyboard.press("Escape")

    expect(large.panel).to_be_hidden()
    expect(tile(large.gallery, key)).to_be_in_viewport()
    expect(tile(large.gallery, key)).to_be_focused()


def _middle(site: Site) -> Locator:
    """The link in the middle of the screen."""
    handle = site.page.wait_for_function(
        "() => document.elementFromPoint(400, 450)?.closest('.tile a')"
    )
    key = handle.evaluate("link => link.closest('li').dataset.key")
    return tile(site.gallery, key)
