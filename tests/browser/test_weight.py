"""What a first visit costs."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from playwright.sync_api import expect

from deploy.stack import ROOT
from tests.browser.site import Site, tile

WEB = ROOT / "web"
CAT = "animals/cat-chelsea.jpg"
_MOST_BYTES = 100_000
_IMPORT = re.compile(r'^(?:import|export) [^;]*?from "\./(.+?)";', re.MULTILINE)


def modules(start: str) -> set[str]:
    """What a module imports, and what that imports, without what is loaded when it is needed."""
    found: set[str] = set()
    waiting = [Path(start)]
    while waiting:
        module = waiting.pop()
        found.add(module.as_posix())
        for name in _IMPORT.findall((WEB / module).read_text()):
            imported = (module.parent / name).as_posix()
            if imported not in found:
                waiting.append(Path(imported))
    return found


def styles() -> set[str]:
    return set(re.findall(r'rel="stylesheet" href="/(.+?)"', (WEB / "index.html").read_text()))


def test_the_page_is_less_than_100_kilobytes_compressed() -> None:
    files = ["index.html", *modules("app.js"), *styles()]

    total = sum(len(gzip.compress((WEB / file).read_bytes())) for file in files)

    assert total < _MOST_BYTES


def test_every_module_is_named_in_the_page_so_that_all_come_in_one_round_trip() -> None:
    named = re.findall(
        r'(?:modulepreload" href|module" src)="/(.+?)"', (WEB / "index.html").read_text()
    )

    assert set(named) == modules("app.js")
    assert len(named) == len(set(named))


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
