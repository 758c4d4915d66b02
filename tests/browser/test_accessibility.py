"""axe-core finds nothing to complain about, whatever is on show, in either colour scheme."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import photograph
from tests.browser.site import Site, expect_first, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
# WCAG 2.2 A and AA, and what axe recommends besides.
_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
_COLOURS_ONLY = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}


def gallery(site: Site) -> None:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()


def folder(site: Site) -> None:
    site.open(prefix="animals/")
    expect(tile(site.gallery, CAT)).to_be_visible()


def loading(site: Site) -> None:
    site.page.route("**/api/images?*", lambda _: None)
    site.open()
    expect(site.gallery.locator(".skeleton").first).to_be_visible()


def empty(site: Site) -> None:
    nothing: dict[str, object] = {"images": [], "folders": [], "cursor": None}
    site.page.route("**/api/images?*", lambda route: route.fulfill(json=nothing))
    site.open()
    expect(site.gallery).to_contain_text("There are no images yet.")


def down(site: Site) -> None:
    site.expect_fault("ERR_FAILED")
    site.page.route("**/api/**", lambda route: route.abort())
    site.open()
    expect(site.gallery).to_contain_text("The server cannot be reached.")


def offline(site: Site) -> None:
    site.expect_fault("ERR_INTERNET_DISCONNECTED")
    gallery(site)
    site.page.context.set_offline(True)
    expect(site.page.locator("#offline")).to_be_visible()
    site.page.context.set_offline(False)
    site.page.evaluate("document.querySelector('#offline').hidden = false")


def results(site: Site) -> None:
    site.open(text="a cat")
    expect_first(site.results, CAT)


def selected(site: Site) -> None:
    site.open(key=CAT)
    expect_first(site.similar, KITTEN)


def selected_on_a_phone(site: Site) -> None:
    site.page.set_viewport_size({"width": 390, "height": 844})
    selected(site)


def refined(site: Site) -> None:
    terms = {"words": "-0.5:people", "image": f"1@0.1,0.1,0.5,0.5:{KITTEN}", "picture": "1:lost"}
    site.open(text="a cat", prefix="animals/", orientation="landscape", **terms)
    expect_first(site.results, CAT)
    expect(site.chips).to_have_count(6)


def adding_words(site: Site) -> None:
    results(site)
    site.page.get_by_role("button", name="Less of…").click()


def adding_a_filter(site: Site) -> None:
    results(site)
    site.page.get_by_role("button", name="Filter", exact=True).click()


def nothing_found(site: Site) -> None:
    site.open(text="a cat", min_width="90000")
    expect(site.heading).to_have_text("Nothing found")


def suggestions(site: Site) -> None:
    gallery(site)
    site.search_box.focus()
    expect(site.page.locator("#suggestions")).to_be_visible()


def duplicates_on_a_phone(site: Site) -> None:
    site.page.set_viewport_size({"width": 390, "height": 844})
    image = {"url": "/", "etag": "1", "state": "indexed", "size": 9, "uploaded_at": 9}
    group = [image | {"key": key, "width": 40, "height": 30} for key in ("a.jpg", "b.jpg")]
    answer = {"groups": [group], "threshold": 0.9, "cursor": None}
    site.page.route("**/api/duplicates?*", lambda route: route.fulfill(json=answer))
    site.open(view="duplicates")
    expect(site.page.get_by_role("button", name="Delete the other")).to_be_visible()


def trash(site: Site) -> None:
    image = {"key": "a.jpg", "version_id": "1", "deleted_at": 9, "size": 9, "thumbnail_url": None}
    answer = {"images": [image], "cursor": None, "available": True}
    site.page.route("**/api/trash?*", lambda route: route.fulfill(json=answer))
    site.open(view="trash")
    site.page.get_by_role("checkbox", name="Select a.jpg").check()


def picture_missing(site: Site) -> None:
    site.open(picture="1:lost")
    expect(site.heading).to_contain_text("is not here")


def busy(site: Site) -> None:
    site.expect_fault("503")
    refused = {"status": 503, "headers": {"Retry-After": "60"}, "json": {"detail": "Busy."}}
    site.page.route("**/api/search*", lambda route: route.fulfill(**refused))
    site.open(text="a cat")
    expect(site.results).to_contain_text("Trying again in")


def part_selected(site: Site) -> None:
    site.open(key=CAT, crop="0.2,0.1,0.4,0.5")
    expect_first(site.similar, KITTEN)


def part_selected_on_a_small_phone(site: Site) -> None:
    site.page.set_viewport_size({"width": 320, "height": 568})
    part_selected(site)


def image_missing(site: Site) -> None:
    site.expect_fault("404")
    site.open(key="no/such/image.jpg")
    expect(site.panel).to_contain_text("There is no such image.")


def chosen(site: Site) -> None:
    gallery(site)
    site.gallery.get_by_role("checkbox", name=f"Select {CAT}").check()
    expect(site.page.get_by_role("region", name="Selected images")).to_be_visible()


def deleted(site: Site) -> None:
    gallery(site)
    tile(site.gallery, CAT).focus()
    site.page.keyboard.press("Delete")
    expect(site.page.get_by_role("list", name="Notices")).to_contain_text("deleted")


def uploading(site: Site) -> None:
    gallery(site)
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


def details_after_another(site: Site) -> None:
    selected(site)
    tile(site.similar, KITTEN).click()
    expect_first(site.similar, CAT)
    site.open_details()


def own_part(site: Site) -> None:
    site.open()
    site.choose_picture("mine.jpg", photograph(CAT))
    site.page.get_by_role("button", name="Search a part of your picture").click()
    expect(site.page.get_by_role("application")).to_be_focused()


def rejected(site: Site) -> None:
    site.open(view="rejected")
    expect(site.page.locator("#rejected")).to_contain_text("Nothing was rejected.")


def help_dialog(site: Site) -> None:
    gallery(site)
    site.page.get_by_role("button", name="Help").click()


def lightbox(site: Site) -> None:
    gallery(site)
    tile(site.gallery, CAT).dblclick()
    expect(site.page.locator(".pswp--open").get_by_role("img", name=CAT).first).to_be_visible()


STATES = (
    *(gallery, folder, loading, empty, down, offline, results, selected, selected_on_a_phone),
    *(refined, adding_words, adding_a_filter, nothing_found, picture_missing, busy),
    *(suggestions, duplicates_on_a_phone, trash),
    *(part_selected, part_selected_on_a_small_phone, image_missing),
    *(chosen, deleted, uploading, help_dialog, lightbox),
    *(details_after_another, own_part, rejected),
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_no_violation_in_light_nor_in_dark(
    site: Site, state: Callable[[Site], None]
) -> None:
    site.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    state(site)

    in_light = Axe().run(site.page, options=_OPTIONS)
    site.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    in_dark = Axe().run(site.page, options=_COLOURS_ONLY)
    site.page.keyboard.press("Control+z")  # what a state has deleted

    assert in_light.violations_count == 0, in_light.generate_report()
    assert in_dark.violations_count == 0, in_dark.generate_report()


def test_nothing_moves_for_those_who_asked_for_less_motion(site: Site) -> None:
    site.page.emulate_media(reduced_motion="reduce")
    loading(site)

    moving = site.page.evaluate("document.getAnimations().length")

    assert moving == 0
