"""All images in rows of their own shapes, folder by folder."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, Route, expect

from local.user import User
from tests.browser.conftest import photograph
from tests.browser.site import Site, expect_loaded, keys, tile

CAT = "animals/cat-chelsea.jpg"
_DATA_URL = re.compile(r'url\("data:image/png')
# Where each tile is: left, top, width and height, and the shape of its picture.
_BOXES = """tiles => tiles.map(tile => {
  const {left, top, width, height} = tile.getBoundingClientRect();
  const image = tile.querySelector("img");
  return {left, top, width, height, ratio: image.width / image.height};
})"""
# What the browser itself counts as layout shift, without what people cause.
_SHIFT = """() => new Promise(resolve => new PerformanceObserver(list =>
    resolve(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))
  ).observe({type: "layout-shift", buffered: true})
  || setTimeout(() => resolve(0), 300))"""


def _smallest_text(page: Page) -> float:
    return float(
        page.evaluate("""() => Math.min(...[...document.querySelectorAll("body *")]
          .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
          .map(e => parseFloat(getComputedStyle(e).fontSize)))""")
    )


def test_every_image_stands_in_its_shape_in_rows_that_fill_the_width(
    site: Site, user: User, photographs: tuple[str, ...]
) -> None:
    site.open()

    for key in photographs:
        image = tile(site.gallery, key).get_by_role("img")
        expect_loaded(image)
        assert (image.get_attribute("src") or "").startswith("/thumbs/")
    stored = user.http.get("/api/images", params={"limit": 100}).json()["images"]
    assert keys(site.gallery) == [image["key"] for image in stored]
    expect(site.heading).to_have_text(f"{len(stored)} images")
    site.page.evaluate("scrollTo(0, 0)")
    rows: dict[float, list[dict[str, float]]] = {}
    for box in site.gallery.locator(".tile").evaluate_all(_BOXES):
        rows.setdefault(box["top"], []).append(box)
        assert abs(box["width"] / box["height"] - min(max(box["ratio"], 0.5), 2.6)) < 0.03
    *full, _ = rows.values()
    assert len(full) > 1
    edges = {round(row[-1]["left"] + row[-1]["width"]) for row in full}
    assert max(edges) - min(edges) <= 1
    assert len({row[0]["left"] for row in full}) == 1


def test_while_images_are_on_their_way_something_stands_in_for_them_and_nothing_moves(
    site: Site,
) -> None:
    with site.holding("**/thumbs/**"):
        with site.holding("**/api/images?*"):
            site.open()
            expect(site.gallery.locator(".skeleton").first).to_be_visible()
            expect(site.gallery.get_by_role("listitem")).to_have_count(0)
        expect(tile(site.gallery, CAT)).to_have_css("background-image", _DATA_URL)
        expect(site.gallery.locator(".skeleton")).to_have_count(0)
    expect_loaded(tile(site.gallery, CAT).get_by_role("img"))

    assert site.page.evaluate(_SHIFT) < 0.01


def test_folders_lead_in_and_crumbs_lead_out(site: Site, user: User) -> None:
    for key in ("trips/2024/drums.jpg", "trips/bricks.jpg"):
        user.put(key, photograph("things/drums-bata.jpg"))
        user.wait_until_indexed(key)
    folders = site.page.get_by_role("list", name="Folders")
    crumbs = site.page.get_by_role("navigation", name="Folder")
    site.open()

    folders.get_by_role("link", name="trips", exact=True).click()
    expect(tile(site.gallery, "trips/bricks.jpg")).to_be_visible()
    assert keys(site.gallery) == ["trips/2024/drums.jpg", "trips/bricks.jpg"]
    folders.get_by_role("link", name="2024").click()
    expect(site.heading).to_have_text("1 image")
    assert keys(site.gallery) == ["trips/2024/drums.jpg"]
    site.page.reload()
    expect(tile(site.gallery, "trips/2024/drums.jpg")).to_be_visible()
    expect(folders).to_be_hidden()
    crumbs.get_by_role("link", name="trips").click()
    expect(tile(site.gallery, "trips/bricks.jpg")).to_be_visible()
    crumbs.get_by_role("link", name="All images").click()

    expect(tile(site.gallery, CAT)).to_be_visible()
    site.page.go_back()
    expect(tile(site.gallery, CAT)).to_have_count(0)
    expect(tile(site.gallery, "trips/bricks.jpg")).to_be_visible()


def test_without_an_answer_about_folders_the_images_are_there(site: Site) -> None:
    site.expect_fault("500")
    site.page.route("**/api/images?*folders=true*", lambda route: route.fulfill(status=500))

    site.open()

    expect(tile(site.gallery, CAT)).to_be_visible()


def test_folders_have_covers_also_where_no_image_of_theirs_is_loaded(
    site: Site, user: User
) -> None:
    page = user.http.get("/api/images", params={"prefix": "animals/"}).json()
    folders = {"images": [], "folders": ["animals/", "food/"], "cursor": None}
    site.page.route("**/api/images?limit=100", lambda route: route.fulfill(json=page))
    site.page.route("**/api/images?*folders=true*", lambda route: route.fulfill(json=folders))

    site.open()

    covers = site.page.get_by_role("list", name="Folders").locator("img")
    expect(covers).to_have_count(2)
    expect_loaded(covers.last)


def test_folders_that_do_not_fit_a_line_unfold(site: Site) -> None:
    names = [f"year-{year}/" for year in range(1990, 2026)]

    def answer(route: Route) -> None:
        first = "cursor=2000" not in route.request.url
        folders = names[:10] if first else names[10:]
        cursor = "2000" if first else None
        route.fulfill(json={"images": [], "folders": folders, "cursor": cursor})

    site.page.route("**/api/images?*folders=true*", answer)
    folders = site.page.get_by_role("list", name="Folders").get_by_role("link")
    site.open()
    expect(folders).to_have_count(10)
    top = tile(site.gallery, CAT).bounding_box()

    site.page.get_by_role("button", name="All folders").click()

    expect(folders).to_have_count(len(names))
    expect(folders.last).to_be_in_viewport()
    site.page.get_by_role("button", name="Fewer folders").click()
    expect(site.page.get_by_role("button", name="36 folders")).to_be_visible()
    assert tile(site.gallery, CAT).bounding_box() == top


def test_a_page_is_as_wide_as_the_smallest_phone(site: Site) -> None:
    site.page.set_viewport_size({"width": 320, "height": 640})

    for query in ({}, {"text": "a cat"}, {"key": CAT}):
        site.open(**query)
        expect(site.page.locator(".tile").first).to_be_attached()
        assert site.page.evaluate("document.documentElement.scrollWidth") <= 320
    assert _smallest_text(site.page) >= 12


def test_quick_clicks_on_several_images_are_no_double_click(site: Site) -> None:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()
    boxes = [link.bounding_box() for link in site.gallery.locator(".tile a").all()[:4]]

    browser = site.page.context.new_cdp_session(site.page)
    start = time.time()
    for number, box in enumerate(filter(None, boxes), start=1):
        place = {
            "timestamp": start + number / 10,  # as quick on a busy machine
            "x": box["x"] + box["width"] / 2,
            "y": box["y"] + 80,
            "button": "left",
            "clickCount": number,
        }
        for kind in ("mousePressed", "mouseReleased"):
            browser.send("Input.dispatchMouseEvent", {"type": kind} | place)

    expect(site.panel).to_be_visible()
    site.page.wait_for_timeout(500)  # the large picture is loaded when it is asked for
    expect(site.page.locator(".pswp")).to_have_count(0)
