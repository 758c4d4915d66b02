"""A deleted image is gone."""

from __future__ import annotations

from playwright.sync_api import expect

from local.smoke import User, until
from tests.browser.conftest import photograph
from tests.browser.site import Site, expect_first, keys, tile

_PATIENCE_SECONDS = 20


def until_not_found(user: User, key: str, **query: str) -> None:
    until(lambda: key not in user.found(**query), f"{key} is still found", _PATIENCE_SECONDS)


def test_deleting_asks_and_then_the_image_is_nowhere(site: Site, user: User) -> None:
    user.put("clocks/old.jpg", photograph("things/clock.jpg"))
    user.wait_until_indexed("clocks/old.jpg")
    site.open()
    dialog = site.page.get_by_role("dialog", name="Delete this image?")

    tile(site.gallery, "clocks/old.jpg").click()
    site.panel.get_by_role("button", name="Delete").click()
    expect(dialog).to_contain_text("clocks/old.jpg")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Cancel").click()
    expect(tile(site.gallery, "clocks/old.jpg")).to_be_visible()
    site.panel.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()

    expect(site.panel).to_be_hidden()
    expect(tile(site.gallery, "clocks/old.jpg")).to_have_count(0)
    until_not_found(user, "clocks/old.jpg", text="a clock")
    site.search("a clock")
    expect(site.results.locator(".tile").first).to_be_visible()
    assert "clocks/old.jpg" not in keys(site.results)
    site.open()
    expect(tile(site.gallery, "animals/cat-chelsea.jpg")).to_be_visible()
    assert "clocks/old.jpg" not in keys(site.gallery)


def test_escape_in_the_question_deletes_nothing_and_keeps_the_selection(site: Site) -> None:
    site.open(key="animals/cat-chelsea.jpg")
    site.panel.get_by_role("button", name="Delete").click()

    site.page.keyboard.press("Escape")

    expect(site.page.get_by_role("dialog")).to_be_hidden()
    expect(site.panel.get_by_role("heading", name="animals/cat-chelsea.jpg")).to_be_visible()
    expect_first(site.similar, "animals/cat-ginger-kitten.jpg")
