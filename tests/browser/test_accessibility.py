"""axe-core finds nothing to complain about, whatever is on show, in either colour scheme.

Each visit shows one state of the page after the other, as axe is slow after a load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import photograph
from tests.browser.site import PHONE, Site, expect_first, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"


def expect_selected(site: Site, similar: str) -> None:
    """Wait for the answers about an image; its download link is pale until then."""
    expect(site.page.locator("#download[href]")).to_be_attached()
    expect_first(site.similar, similar)


def gallery(site: Site) -> Iterator[str]:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()
    yield "gallery"
    site.search_box.focus()
    expect(site.page.locator("#suggestions")).to_be_visible()
    yield "suggestions"
    site.page.keyboard.press("Escape")
    site.gallery.get_by_role("checkbox", name=f"Select {CAT}").check()
    expect(site.page.get_by_role("region", name="Selected images")).to_be_visible()
    yield "chosen"
    site.page.keyboard.press("Escape")
    site.page.get_by_role("button", name="Help").click()
    expect(site.page.get_by_role("dialog", name="Help")).to_be_visible()
    yield "help"
    site.page.keyboard.press("Escape")
    tile(site.gallery, CAT).focus()
    site.page.keyboard.press("Delete")
    expect(site.notice("deleted")).to_be_visible()
    yield "deleted"
    site.page.keyboard.press("Control+z")
    tile(site.gallery, CAT).dblclick()
    expect(site.page.locator(".pswp--open").get_by_role("img", name=CAT).first).to_be_visible()
    expect_selected(site, KITTEN)
    yield "lightbox"


def folder(site: Site) -> Iterator[str]:
    site.expect_fault("ERR_INTERNET_DISCONNECTED")
    site.open(prefix="animals/")
    expect(tile(site.gallery, CAT)).to_be_visible()
    yield "folder"
    site.page.context.set_offline(True)
    expect(site.page.locator("#offline")).to_be_visible()
    site.page.context.set_offline(False)
    site.page.evaluate("document.querySelector('#offline').hidden = false")
    yield "offline"


def nothing(site: Site) -> Iterator[str]:
    answer: dict[str, object] = {"images": [], "folders": [], "cursor": None}
    site.page.route("**/api/images?*", lambda route: route.fulfill(json=answer))
    with site.holding("**/api/images?*"):
        site.open()
        expect(site.gallery.locator(".skeleton").first).to_be_visible()
        yield "loading"
    expect(site.gallery).to_contain_text("There are no images yet.")
    yield "empty"


def down(site: Site) -> Iterator[str]:
    site.expect_fault("ERR_FAILED")
    site.page.route("**/api/**", lambda route: route.abort())
    site.open()
    expect(site.gallery).to_contain_text("The server cannot be reached.")
    yield "down"


def search(site: Site) -> Iterator[str]:
    site.open(text="a cat")
    expect_first(site.results, CAT)
    yield "results"
    site.page.get_by_role("button", name="Less of…").click()
    expect(site.page.get_by_role("textbox", name="Less of")).to_be_visible()
    yield "adding words"
    site.page.keyboard.press("Escape")
    site.page.get_by_role("button", name="Filter", exact=True).click()
    yield "adding a filter"
    site.page.get_by_label("Minimum width, px").fill("90000")
    site.page.keyboard.press("Enter")
    expect(site.heading).to_have_text("Nothing found")
    yield "nothing found"


def refined(site: Site) -> Iterator[str]:
    terms = {"words": "-0.5:people", "image": f"1@0.1,0.1,0.5,0.5:{KITTEN}", "picture": "1:lost"}
    site.open(text="a cat", prefix="animals/", orientation="landscape", **terms)
    expect_first(site.results, CAT)
    expect(site.chips).to_have_count(6)
    yield "refined"


def picture_missing(site: Site) -> Iterator[str]:
    site.open(picture="1:lost")
    expect(site.heading).to_contain_text("is not here")
    yield "picture missing"


def refused(site: Site) -> Iterator[str]:
    site.expect_fault("404|503")
    busy = {"status": 503, "headers": {"Retry-After": "60"}, "json": {"detail": "Busy."}}
    site.page.route("**/api/search*", lambda route: route.fulfill(**busy))
    site.open(text="a cat", key="no/such/image.jpg")
    expect(site.results).to_contain_text("Trying again in")
    expect(site.panel).to_contain_text("There is no such image.")
    yield "busy, and no such image"


def selected(site: Site) -> Iterator[str]:
    site.open(key=CAT, crop="0.2,0.1,0.4,0.5")
    expect_selected(site, KITTEN)
    yield "part selected"
    site.panel.get_by_role("button", name="Search the whole image").click()
    expect(site.panel.get_by_role("heading", name="Similar images")).to_be_visible()
    expect(site.similar.locator(".stale")).to_have_count(0)
    expect_first(site.similar, KITTEN)
    yield "selected"
    tile(site.similar, KITTEN).click()
    expect_selected(site, CAT)
    site.open_details()
    expect(site.panel.get_by_role("dialog")).to_be_visible()
    yield "details after another"


def selected_on_a_phone(site: Site) -> Iterator[str]:
    site.page.set_viewport_size(PHONE)
    site.open(key=CAT)
    expect_selected(site, KITTEN)
    yield "selected on a phone"
    site.page.set_viewport_size({"width": 320, "height": 568})
    site.panel.get_by_role("button", name="Search a part").click()
    expect(site.panel.get_by_role("heading", name="Images like this part")).to_be_visible()
    expect(site.similar.locator(".stale")).to_have_count(0)
    yield "part selected on a small phone"


def uploading(site: Site) -> Iterator[str]:
    site.open()
    refused = site.choose_file("notes.txt", b"text", "text/plain")
    expect(refused).to_contain_text("cannot be searched")
    site.page.route("**/api/uploads", lambda _: None)
    row = site.choose_file("wait.jpg", photograph(CAT))
    expect(row).to_contain_text("Uploading")
    fold = site.page.get_by_role("button", name="Show the files")
    fold.click()
    expect(row).to_be_hidden()
    fold.click()
    expect(row).to_be_visible()
    yield "uploading"
    site.choose_picture("mine.jpg", photograph(CAT))
    site.page.get_by_role("button", name="Search a part of your picture").click()
    expect(site.page.get_by_role("application")).to_be_focused()
    yield "part of one's own picture"


def views(site: Site) -> Iterator[str]:
    deleted = {"key": "a.jpg", "version_id": "1", "deleted_at": 9, "size": 9, "thumbnail_url": None}
    trash = {"images": [deleted], "cursor": None, "available": True}
    image = {"url": "/", "etag": "1", "state": "indexed", "size": 9, "uploaded_at": 9}
    group = [image | {"key": key, "width": 40, "height": 30} for key in ("a.jpg", "b.jpg")]
    copies = {"groups": [group], "threshold": 0.9, "cursor": None}
    site.page.route("**/api/trash?*", lambda route: route.fulfill(json=trash))
    site.page.route("**/api/duplicates?*", lambda route: route.fulfill(json=copies))
    site.open(view="trash")
    site.page.get_by_role("checkbox", name="Select a.jpg").check()
    yield "trash"
    site.page.get_by_role("link", name="Files that cannot be searched").click()
    expect(site.page.locator("#rejected")).to_contain_text("Nothing was rejected.")
    yield "rejected"
    site.page.set_viewport_size(PHONE)
    site.page.get_by_role("link", name="Duplicates").click()
    expect(site.page.get_by_role("button", name="Delete the other")).to_be_visible()
    yield "duplicates on a phone"


VISITS = (
    *(gallery, folder, nothing, down, search, refined, picture_missing, refused),
    *(selected, selected_on_a_phone, uploading, views),
)


@pytest.mark.parametrize("visit", VISITS)
def test_axe_finds_no_violation_in_light_nor_in_dark(
    site: Site, visit: Callable[[Site], Iterator[str]]
) -> None:
    found = {state: violations(site.page) for state in visit(site)}

    assert {state: reports for state, reports in found.items() if reports} == {}


def test_nothing_moves_for_those_who_asked_for_less_motion(site: Site) -> None:
    visit = nothing(site)
    assert next(visit) == "loading"

    moving = site.page.evaluate("document.getAnimations().length")

    assert moving == 0
