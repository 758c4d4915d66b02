"""What the page says when things are not as usual."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from local.stack import LocalStack
from local.user import User
from tests.browser.site import Site, expect_loaded, tile

CAT = "animals/cat-chelsea.jpg"
NOTHING: dict[str, object] = {"images": [], "folders": [], "cursor": None}


def test_an_empty_bucket_says_how_to_fill_it(site: Site, local: LocalStack) -> None:
    site.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    site.page.route("**/api/images?*", lambda route: route.fulfill(json=NOTHING))
    command = f"aws s3 cp photo.jpg s3://{local.images_bucket}/"
    site.open()

    expect(site.gallery).to_contain_text("There are no images yet.")
    with site.page.expect_file_chooser():
        site.gallery.get_by_role("button", name="Choose images").click()
    expect(site.gallery.get_by_text(command)).to_be_visible()
    site.gallery.get_by_role("button", name="Copy command").click()
    expect(site.page.get_by_role("list", name="Notices")).to_contain_text("Copied")

    assert site.page.evaluate("navigator.clipboard.readText()") == command


def test_an_empty_folder_says_so(site: Site) -> None:
    site.open(prefix="no/such/folder/")

    expect(site.gallery).to_contain_text("This folder is empty.")
    site.page.get_by_role("link", name="All images").first.click()
    expect(tile(site.gallery, CAT)).to_be_visible()
    expect(site.gallery).not_to_contain_text("This folder is empty.")


@pytest.mark.parametrize("query", [{}, {"text": "a cat"}, {"key": CAT}])
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


def test_a_page_of_the_gallery_that_fails_can_be_tried_again(site: Site, user: User) -> None:
    first = user.http.get("/api/images", params={"limit": 5}).json()
    site.expect_fault("503")

    def answer(route: Route) -> None:
        if "folders" in route.request.url:
            route.fulfill(json=NOTHING)
        elif "cursor" in route.request.url:
            route.fulfill(status=503, json={"title": "Busy", "detail": "Too many at once."})
        else:
            route.fulfill(json=first)

    site.page.route("**/api/images?*", answer)
    site.open()
    expect(site.gallery).to_contain_text("Too many at once.")
    expect(tile(site.gallery, first["images"][0]["key"])).to_be_visible()

    site.page.unroute_all()
    site.gallery.get_by_role("button", name="Try again").click()

    expect(tile(site.gallery, "space/jupiter-clouds.jpg")).to_be_visible()


def test_offline_is_said_and_over_when_the_connection_is_back(site: Site) -> None:
    site.expect_fault("ERR_INTERNET_DISCONNECTED")
    banner = site.page.get_by_text("You are offline.")
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.page.context.set_offline(True)
    expect(banner.first).to_be_visible()
    site.page.get_by_role("link", name="animals", exact=True).click()
    expect(site.gallery).to_contain_text("The server cannot be reached.")
    site.page.context.set_offline(False)

    expect(tile(site.gallery, CAT)).to_be_visible()
    expect(site.page.locator("#offline")).to_be_hidden()


def test_images_that_are_being_indexed_are_shown_and_settle_by_themselves(
    site: Site, user: User
) -> None:
    indexed = user.http.get("/api/images", params={"prefix": "animals/"}).json()
    known = ("key", "url", "etag", "size", "uploaded_at")
    pending = {
        "images": [
            {name: image[name] for name in known} | {"state": "pending"}
            for image in indexed["images"]
        ],
        "cursor": None,
    }
    answers = [pending, pending, indexed]

    def answer(route: Route) -> None:
        listed = answers.pop(0) if len(answers) > 1 else answers[0]
        route.fulfill(json=NOTHING if "folders" in route.request.url else listed)

    site.page.route("**/api/images?*", answer)
    site.open(prefix="animals/")

    count = len(indexed["images"])
    expect(site.gallery).to_contain_text(f"{count} images being indexed")
    expect(site.gallery.get_by_text("Being indexed", exact=True)).to_have_count(count)
    expect_loaded(tile(site.gallery, CAT).get_by_role("img"))
    expect(site.gallery.get_by_text("being indexed")).to_be_hidden()


def test_a_page_that_may_not_write_offers_neither_upload_nor_delete(site: Site, user: User) -> None:
    health = user.http.get("/api/health").json() | {"writes": "off"}
    site.page.route("**/api/health", lambda route: route.fulfill(json=health))

    site.open(key=CAT)

    expect(site.page.locator("#footer")).to_contain_text("in the index")
    expect(site.panel.get_by_role("link", name="Download")).to_be_visible()
    site.open_details()
    expect(site.panel.get_by_role("button", name="Copy key")).to_be_visible()
    expect(site.panel.get_by_role("button", name="Delete")).to_be_hidden()
    site.page.keyboard.press("Escape")
    expect(site.page.get_by_label("Upload images")).to_be_hidden()
    expect(site.page.get_by_label("Upload a folder")).to_be_hidden()
    site.panel.get_by_role("button", name="Close").click()
    tile(site.gallery, CAT).focus()
    site.page.keyboard.press("Delete")
    expect(tile(site.gallery, CAT)).to_be_visible()
