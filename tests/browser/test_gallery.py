"""All images, page by page; none; and no answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from local.smoke import User
from local.stack import LocalStack
from tests.browser.site import Site, expect_loaded, keys, tile


def test_the_gallery_shows_every_image_by_its_key_with_a_thumbnail(
    site: Site, user: User, photographs: tuple[str, ...]
) -> None:
    site.open()

    for key in photographs:
        image = tile(site.gallery, key).get_by_role("img")
        expect_loaded(image)
        assert (image.get_attribute("src") or "").startswith("/thumbs/")
    stored = user.http.get("/api/images", params={"limit": 100}).json()["images"]
    assert keys(site.gallery) == [image["key"] for image in stored]


def test_a_large_gallery_is_loaded_page_by_page_without_repeating_an_image(
    site: Site, photographs: tuple[str, ...]
) -> None:
    asked = []

    def ask_for_less(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_(url=route.request.url.replace("limit=48", "limit=5"))

    site.page.route("**/api/images?*", ask_for_less)
    site.open()
    for key in photographs:
        tile(site.gallery, key).scroll_into_view_if_needed()

    assert len(asked) > 1
    assert len(keys(site.gallery)) == len(set(keys(site.gallery)))


def test_an_empty_bucket_says_how_to_fill_it(site: Site, local: LocalStack) -> None:
    nothing: dict[str, object] = {"images": [], "cursor": None}
    site.page.route("**/api/images?*", lambda route: route.fulfill(json=nothing))

    site.open()

    expect(site.gallery).to_contain_text("There are no images yet")
    expect(site.gallery).to_contain_text(f"aws s3 cp photo.jpg s3://{local.images_bucket}/")


@pytest.mark.parametrize("query", [{}, {"text": "a cat"}, {"key": "animals/cat-chelsea.jpg"}])
def test_an_api_that_is_down_can_be_tried_again_when_it_is_back(
    site: Site, query: dict[str, str]
) -> None:
    site.expect_fault("ERR_FAILED")
    site.page.route("**/api/**", lambda route: route.abort())
    site.open(**query)
    place = site.panel if "key" in query else site.page.get_by_role("main")
    expect(place).to_contain_text("The server cannot be reached.")

    site.page.unroute_all()
    place.get_by_role("button", name="Try again").click()

    expect_loaded(tile(place, "animals/cat-ginger-kitten.jpg").get_by_role("img"))
    expect(place.get_by_role("button", name="Try again")).to_have_count(0)


def test_a_page_that_may_not_write_offers_neither_upload_nor_delete(site: Site, user: User) -> None:
    health = user.http.get("/api/health").json() | {"writes": "off"}
    site.page.route("**/api/health", lambda route: route.fulfill(json=health))

    site.open(key="animals/cat-chelsea.jpg")

    expect(site.page.locator("#footer")).to_contain_text("in the index")
    expect(site.panel.get_by_role("link", name="Download")).to_be_visible()
    expect(site.panel.get_by_role("button", name="Delete")).to_be_hidden()
    expect(site.page.locator("#upload")).to_be_hidden()
