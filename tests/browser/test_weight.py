"""What a first visit costs, and how the page's modules hang together."""

from __future__ import annotations

import gzip
import re

import pytest
from playwright.sync_api import expect

from deploy.page import modules, prepared
from deploy.stack import ROOT
from tests.browser.site import Site, tile

CAT = "animals/cat-chelsea.jpg"
_MOST_BYTES = 100_000
_MOST_UNCOMPRESSED = 300_000
# Whoever needs them takes what they want; of the other folders each is entered by one module.
_LIBRARIES = {"address", "core", "list", "vendor"}


@pytest.fixture(scope="module")
def page() -> dict[str, bytes]:
    """The files as they are served."""
    return prepared(ROOT / "web")


def test_a_first_visit_is_small_compressed_or_not(page: dict[str, bytes]) -> None:
    files = [page[name] for name in ["index.html", "page.css", *modules("app.js", page)]]

    assert sum(len(gzip.compress(file)) for file in files) < _MOST_BYTES
    assert sum(map(len, files)) < _MOST_UNCOMPRESSED


def test_every_module_is_named_in_the_page_so_that_all_come_in_one_round_trip(
    page: dict[str, bytes],
) -> None:
    html = page["index.html"].decode()

    named = re.findall(r'(?:modulepreload" href|module" src)="/(.+?)"', html)

    assert sorted(named) == sorted(modules("app.js", page))
    assert re.findall(r'rel="stylesheet" href="/(.+?)"', html) == ["page.css"]


def test_features_know_nothing_of_each_other_and_have_one_door(page: dict[str, bytes]) -> None:
    doors: dict[str, set[str]] = {}
    for name in page:
        folder = name.rpartition("/")[0]
        if not name.endswith(".js") or folder.startswith("vendor"):
            continue
        for imported in modules(name, {name: page[name]} | _silent(page, name))[1:]:
            other = imported.split("/")[0]
            if other != folder and other not in _LIBRARIES:
                doors.setdefault(other, set()).add(f"{name} imports {imported}")

    assert all(
        len(imports) == 1 and all(text.startswith("app.js ") for text in imports)
        for imports in doors.values()
    ), doors


def _silent(page: dict[str, bytes], name: str) -> dict[str, bytes]:
    """Modules that import nothing: what one module imports itself is looked at alone."""
    return {other: b"" for other in page if other != name}


def test_thumbnails_are_asked_for_as_soon_as_the_list_is_there(site: Site) -> None:
    asked: list[str] = []
    site.page.on("request", lambda request: asked.append(request.url))
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()

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
