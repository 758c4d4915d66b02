"""A deleted image is gone when it can no longer be brought back, and not before."""

from __future__ import annotations

from playwright.sync_api import expect

from local.user import User, until
from tests.browser.conftest import photograph
from tests.browser.site import Site, keys, tile

CAT = "animals/cat-chelsea.jpg"
_PATIENCE_SECONDS = 20


def until_not_found(user: User, key: str, **query: str) -> None:
    until(lambda: key not in user.found(**query), f"{key} is still found", _PATIENCE_SECONDS)


def is_stored(user: User, key: str) -> bool:
    return user.state(key)[0] is not None


def put(user: User, *names: str) -> None:
    for name in names:
        user.put(name, photograph("things/clock.jpg"))
    for name in names:
        user.wait_until_indexed(name)


def test_a_deleted_image_is_gone_from_the_page_at_once_and_from_the_bucket_later(
    site: Site, user: User
) -> None:
    put(user, "clocks/old.jpg")
    site.open(key="clocks/old.jpg")
    site.delete_selected()

    expect(site.panel).to_be_hidden()
    expect(tile(site.gallery, "clocks/old.jpg")).to_have_count(0)
    assert is_stored(user, "clocks/old.jpg")
    site.notice("old.jpg").get_by_role("button", name="Dismiss").click()

    until(lambda: not is_stored(user, "clocks/old.jpg"), "it is still stored", _PATIENCE_SECONDS)
    until_not_found(user, "clocks/old.jpg", text="a clock")
    site.search("a clock")
    expect(site.results.locator(".tile").first).to_be_visible()
    assert "clocks/old.jpg" not in keys(site.results)


def test_the_notice_goes_by_itself_and_takes_the_object_with_it(own_site: Site, user: User) -> None:
    put(user, "clocks/timed.jpg")
    own_site.page.clock.install()
    own_site.open(key="clocks/timed.jpg")
    own_site.delete_selected()
    expect(own_site.notice("deleted")).to_be_visible()

    own_site.page.mouse.move(0, 0)
    own_site.page.clock.run_for(10_000)

    expect(own_site.notice("deleted")).to_have_count(0)
    until(lambda: not is_stored(user, "clocks/timed.jpg"), "still stored", _PATIENCE_SECONDS)


def test_the_notice_waits_while_it_has_the_focus(own_site: Site, user: User) -> None:
    put(user, "clocks/kept.jpg")
    own_site.page.clock.install()
    own_site.open(key="clocks/kept.jpg")
    own_site.delete_selected()
    undo = own_site.notice("deleted").get_by_role("button", name="Undo")
    undo.focus()

    own_site.page.clock.run_for(60_000)

    undo.press("Enter")
    expect(tile(own_site.gallery, "clocks/kept.jpg")).to_be_visible()
    assert is_stored(user, "clocks/kept.jpg")


def test_undo_puts_an_image_back_where_it_was_and_the_focus_is_never_lost(
    site: Site, user: User
) -> None:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()
    before = keys(site.gallery)
    following = before[before.index(CAT) + 1]
    tile(site.gallery, CAT).focus()
    site.page.keyboard.press("Delete")
    expect(tile(site.gallery, following)).to_be_focused()
    expect(tile(site.gallery, CAT)).to_have_count(0)

    site.page.keyboard.press("Control+z")

    expect(tile(site.gallery, CAT)).to_be_visible()
    assert keys(site.gallery) == before
    tile(site.gallery, CAT).focus()
    site.page.keyboard.press("Delete")
    expect(tile(site.gallery, CAT)).to_have_count(0)

    site.notice("cat-chelsea.jpg").get_by_role("button", name="Undo").click()

    expect(tile(site.gallery, CAT)).to_be_visible()
    assert keys(site.gallery) == before
    assert is_stored(user, CAT)


def test_leaving_the_page_deletes_what_was_deleted(site: Site, user: User) -> None:
    put(user, "clocks/left.jpg", "clocks/left-too.jpg")
    site.open(prefix="clocks/")
    for name in ("clocks/left.jpg", "clocks/left-too.jpg"):
        tile(site.gallery, name).focus()
        site.page.keyboard.press("Delete")
    assert is_stored(user, "clocks/left.jpg")

    site.page.goto("about:blank")

    for name in ("clocks/left.jpg", "clocks/left-too.jpg"):
        until(lambda name=name: not is_stored(user, name), f"{name} is stored", _PATIENCE_SECONDS)


def test_a_deletion_that_fails_brings_the_image_back_and_says_so(site: Site, user: User) -> None:
    put(user, "clocks/stuck.jpg")
    site.expect_fault("503")
    site.page.route(
        "**/api/image?key=clocks%2Fstuck.jpg",
        lambda route: (
            route.fulfill(status=503) if route.request.method == "DELETE" else route.continue_()
        ),
    )
    site.open(prefix="clocks/")
    tile(site.gallery, "clocks/stuck.jpg").focus()
    site.page.keyboard.press("Delete")

    site.notice("deleted").get_by_role("button", name="Dismiss").click()

    expect(site.notice("is not deleted.")).to_be_visible()
    expect(tile(site.gallery, "clocks/stuck.jpg")).to_be_visible()
    user.delete("clocks/stuck.jpg")


def test_several_images_are_deleted_and_brought_back_together(site: Site, user: User) -> None:
    site.open(prefix="animals/")
    expect(tile(site.gallery, CAT)).to_be_visible()
    before = keys(site.gallery)
    site.page.keyboard.press("Control+a")
    site.page.get_by_role("region", name="Selected images").get_by_role(
        "button", name="Delete"
    ).click()
    expect(site.gallery.locator(".tile")).to_have_count(0)
    expect(site.gallery).to_contain_text("This folder is empty.")

    site.notice(f"{len(before)} images deleted").get_by_role("button", name="Undo").click()

    expect(tile(site.gallery, CAT)).to_be_visible()
    assert keys(site.gallery) == before
    expect(site.gallery).not_to_contain_text("This folder is empty.")
