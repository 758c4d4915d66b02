"""Duplicates to delete, and the trash to restore them from."""

from __future__ import annotations

import io
import re

from PIL import Image
from playwright.sync_api import Locator, expect

from local.user import User, until
from tests.browser.conftest import photograph
from tests.browser.site import PHONE, Site, tile

CASTLE = "buildings/castle-neuschwanstein.jpg"
_PATIENCE_SECONDS = 20
COPIES = ("views/small.jpg", "views/smaller.jpg")


def put_copies(user: User) -> None:
    for key, share in zip(COPIES, (0.8, 0.6), strict=True):
        smaller = io.BytesIO()
        with Image.open(io.BytesIO(photograph(CASTLE))) as image:
            image.resize((int(image.width * share), int(image.height * share))).save(
                smaller, "JPEG"
            )
        user.put(key, smaller.getvalue())
    for key in COPIES:
        user.wait_until_indexed(key)


def view(site: Site, name: str) -> None:
    site.page.get_by_role("navigation", name="View").get_by_role("link", name=name).click()


def group(site: Site) -> Locator:
    return site.page.get_by_role("article", name="Copies of castle-neuschwanstein.jpg")


def has_thumbnails(site: Site, trash: Locator) -> bool:
    """Deleting an image moves its thumbnail a moment later."""
    site.page.reload()
    expect(trash.locator(".tile")).not_to_have_count(0)
    return all(tile(trash, key).get_by_role("img").count() for key in COPIES)


def test_duplicates_are_found_deleted_and_restored_from_the_trash_on_a_phone(
    site: Site, user: User
) -> None:
    site.expect_fault("40[34]")  # of thumbnails that are deleted while they are on show
    put_copies(user)
    site.page.set_viewport_size(PHONE)
    site.open()
    view(site, "Duplicates")
    expect(group(site).get_by_role("checkbox", name=f"Keep {CASTLE}")).to_be_checked()
    for key in COPIES:
        expect(group(site).get_by_role("checkbox", name=f"Keep {key}")).not_to_be_checked()

    group(site).get_by_role("checkbox", name=f"Keep {COPIES[0]}").check()
    group(site).get_by_role("button", name="Delete the other", exact=True).click()
    expect(tile(group(site), COPIES[1])).to_be_hidden()
    site.page.keyboard.press("Control+z")
    expect(tile(group(site), COPIES[1])).to_be_visible()
    group(site).get_by_role("checkbox", name=f"Keep {COPIES[0]}").uncheck()
    group(site).get_by_role("button", name="Delete the other 2").press("Enter")
    expect(group(site)).to_be_hidden()
    view(site, "Trash")  # which carries out what could still be undone

    trash = site.page.get_by_role("region", name="Trash")
    for key in COPIES:
        expect(tile(trash, key)).to_be_visible()
    until(lambda: has_thumbnails(site, trash), "there are no thumbnails", _PATIENCE_SECONDS)
    tile(trash, COPIES[0]).click()
    tile(trash, COPIES[1]).press("Enter")
    trash.get_by_role("button", name="Restore 2 images").press("Enter")
    expect(site.notice("2 images restored")).to_be_visible()
    expect(tile(trash, COPIES[0])).to_have_count(0)
    view(site, "Grid")
    expect(tile(site.gallery, COPIES[0])).to_be_visible()
    for key in COPIES:
        assert user.state(key)[0] is not None
        user.delete(key)


def test_what_cannot_be_restored_is_said(site: Site) -> None:
    image = {"key": "a.jpg", "version_id": "1", "deleted_at": 9, "size": 9, "thumbnail_url": None}
    answer = {"images": [image], "cursor": None, "available": True}
    refusal = {"restored": [], "refused": [{"key": "a.jpg", "reason": "exists"}]}
    site.page.route("**/api/trash?*", lambda route: route.fulfill(json=answer))
    site.page.route("**/api/trash/restore", lambda route: route.fulfill(json=refusal))
    site.open(view="trash")
    deleted = site.page.get_by_role("link", name="a.jpg")
    expect(deleted).to_have_attribute("title", re.compile("Deleted 1 Jan 1970"))

    site.page.get_by_role("button", name="Select all").click()
    site.page.get_by_role("button", name="Restore 1 image").click()

    expect(site.notice("is not restored: an image has that name now.")).to_be_visible()


def test_a_bucket_without_versions_says_before_deleting_that_it_is_final(site: Site) -> None:
    answer = {"images": [], "cursor": None, "available": False}
    site.page.route("**/api/trash?*", lambda route: route.fulfill(json=answer))
    site.open(view="trash")
    expect(site.page.get_by_text("There is no trash.")).to_be_visible()
    view(site, "Grid")
    site.gallery.get_by_role("checkbox", name=f"Select {CASTLE}").check()
    expect(site.page.get_by_text("Deleting is final here")).to_be_visible()

    site.page.keyboard.press("Delete")

    expect(site.notice("deleted for good")).to_be_visible()
    site.page.keyboard.press("Control+z")
    expect(tile(site.gallery, CASTLE)).to_be_visible()


def test_duplicates_that_cannot_be_looked_for_are_tried_again(site: Site) -> None:
    site.expect_fault("503")
    pages = iter([{"groups": [], "cursor": "next"}, {"groups": [], "cursor": None}])
    site.page.route("**/api/duplicates?*", lambda route: route.fulfill(json=next(pages)))
    site.page.route("**/api/duplicates?*", lambda route: route.fulfill(status=503), times=1)
    site.open(view="duplicates")

    site.page.get_by_role("button", name="Try again").click()

    expect(site.heading).to_have_text("No duplicates")
    assert next(pages, None) is None
