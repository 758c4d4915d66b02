"""What a first visit costs, and how the page's modules hang together."""

from __future__ import annotations

import gzip
import re

from playwright.sync_api import expect

from deploy.page import prepared
from deploy.scripts import modules
from deploy.stack import ROOT
from tests.browser.site import Site, tile

CAT = "animals/cat-chelsea.jpg"
_MOST_BYTES = 100_000
# Whoever needs them takes what they want; of the other folders each is entered by one module.
_LIBRARIES = {"core", "list", "url", "vendor"}


def test_a_first_visit_is_one_script_and_one_style_sheet_and_small() -> None:
    page = prepared(ROOT / "web")
    html = page["index.html"].decode()
    files = [page[name] for name in ["index.html", "page.css", "app.js"]]

    assert re.findall(r'rel="(?:stylesheet|modulepreload|preload)" href="/(.+?)"', html) == [
        "page.css"
    ]
    assert re.findall(r'<script type="module" src="/(.+?)"', html) == ["app.js"]
    assert sum(len(gzip.compress(file)) for file in files) < _MOST_BYTES


def test_features_know_nothing_of_each_other_and_have_one_door() -> None:
    files = {
        path.relative_to(ROOT / "web").as_posix(): path for path in (ROOT / "web").rglob("*.js")
    }
    doors: dict[str, set[str]] = {}
    for name, path in files.items():
        alone = dict.fromkeys(files, b"") | {name: path.read_bytes()}
        folder = name.rpartition("/")[0]
        for imported in modules(name, alone)[:-1]:
            other = imported.split("/")[0]
            if other != folder and other not in _LIBRARIES:
                doors.setdefault(other, set()).add(f"{name} imports {imported}")

    assert all(
        len(imports) == 1 and all(text.startswith("app.js ") for text in imports)
        for imports in doors.values()
    ), doors


def test_thumbnails_are_asked_for_as_soon_as_the_list_is_there(own_site: Site) -> None:
    asked: list[str] = []
    own_site.on("request", lambda request: asked.append(request.url))
    own_site.open()
    expect(tile(own_site.gallery, CAT)).to_be_visible()

    list_asked = next(index for index, url in enumerate(asked) if "/api/images?" in url)
    first_thumbnail = next(index for index, url in enumerate(asked) if "/thumbs/" in url)
    between = [url for url in asked[list_asked:first_thumbnail] if "/api/" in url]

    assert len(between) <= 3  # the list, its folders and the health, all at once


def test_pictures_of_a_gallery_that_is_left_are_not_waited_for(site: Site) -> None:
    with site.holding("**/api/images?*prefix=animals*"):
        site.open(prefix="animals/")
        site.page.get_by_role("link", name="All images", exact=True).click()
        expect(tile(site.gallery, CAT)).to_be_visible()

    expect(tile(site.gallery, "space/jupiter-clouds.jpg")).to_be_visible()
    assert site.page.url == site.address
