"""Pictures of the page: python -m tests.browser.screenshots OUT_DIR --url URL."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, Route, ViewportSize, sync_playwright

from tests.browser.chromium import launch

VIEWS: dict[str, dict[str, str]] = {
    "gallery": {},
    "selected": {"key": "animals/cat-chelsea.jpg"},
    "words": {"text": "mountains in snow"},
    "words-selected": {"text": "sunset over the sea", "key": "landscapes/coast-sunset.jpg"},
    "chips": {
        "text": "an animal",
        "image": "0.25:landscapes/snow-forest-sunrise.jpg",
        "words": "-0.5:a bird",
        "orientation": "landscape",
    },
    "crop": {"key": "animals/cat-chelsea.jpg", "crop": "0.2,0.1,0.42,0.5"},
    "nothing": {"text": "a cat", "prefix": "space/", "min_width": "9000"},
    "folder": {"prefix": "landscapes/"},
    "nothing-close": {"text": "xqzv blorp"},
    "excluding": {"words": "-0.5:a bird"},
    "file-name": {"text": "cat-chelsea.jpg"},
    "named": {"name": "cat"},
    "newest": {"sort": "uploaded_at"},
    "filtered": {"color": "red,blue", "orientation": "landscape"},
    "map": {"view": "map"},
    "duplicates": {"view": "duplicates"},
    "trash": {"view": "trash"},
    "rejected": {"view": "rejected"},
    "missing": {"key": "no/such/image.jpg"},
    "empty": {"prefix": "no-images-here/"},
}
PICTURE = Path(__file__).parents[2] / "samples" / "animals" / "panda.jpg"


def _choose(page: Page) -> None:
    for number in (1, 4):
        page.get_by_role("checkbox").nth(number).check(force=True)


def _upload(page: Page) -> None:
    """Rows in every stage; nothing is stored."""

    def sign(route: Route) -> None:
        if "taken" in route.request.post_data_json["key"]:
            route.fulfill(status=409, json={"title": "The name is taken."})

    page.route("**/api/uploads", sign)
    page.get_by_label("Upload a folder").wait_for(state="attached")
    names = ("wait-1.jpg", "wait-2.jpg", "taken-1.jpg", "taken-2.jpg", "poster.psd", ".DS_Store")
    files = [{"name": name, "mimeType": "image/jpeg", "buffer": b"x"} for name in names]
    page.get_by_label("Upload images").set_input_files(files)  # type: ignore[arg-type]
    page.get_by_role("button", name="Keep both: taken-2.jpg").wait_for()


def _follow(page: Page) -> None:
    for place in (1, 2):
        page.locator("#similar .tile a").nth(place).click()
        page.wait_for_load_state("networkidle")


def _details(page: Page) -> None:
    page.get_by_role("button", name="Details").click()


def _own_part(page: Page) -> None:
    page.get_by_label("Search by a picture from this computer").set_input_files(PICTURE)
    page.get_by_role("button", name="Search a part of your picture").click()


def _filter(page: Page) -> None:
    page.get_by_role("button", name="Filter", exact=True).click()


def _suggest(page: Page) -> None:
    page.get_by_role("searchbox").focus()


def _help(page: Page) -> None:
    page.get_by_role("button", name="Help").click()


def _enlarge(page: Page) -> None:
    page.locator("#panel-title").press("Enter")
    page.locator(".pswp--open .pswp__img").first.wait_for()


# What is shown only after something is done, and the URL that it starts from.
ACTIONS: dict[str, tuple[dict[str, str], Callable[[Page], None]]] = {
    "chosen": ({}, _choose),
    "uploads": ({}, _upload),
    "filter": ({"color": "red"}, _filter),
    "suggestions": ({}, _suggest),
    "help": ({}, _help),
    "trail": ({"key": "animals/cat-chelsea.jpg"}, _follow),
    "details": ({"key": "animals/cat-chelsea.jpg"}, _details),
    "own-part": ({}, _own_part),
    "large": ({"key": "animals/cat-chelsea.jpg"}, _enlarge),
}
SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1440, "height": 900},
    "desktop": {"width": 1280, "height": 900},
    "phone": {"width": 390, "height": 844},
    "small": {"width": 320, "height": 640},
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# True once every picture in view has been decoded.
_SETTLE = """async () => {
  const inView = image => {
    const { top, bottom } = image.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  };
  await Promise.all([...document.images].filter(inView).map(image => image.decode()));
}"""


def main() -> None:
    """Take every view in every size and colour scheme."""
    options = _options()
    options.directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, page in _pages(browser, options.url):
            page.screenshot(path=options.directory / f"{name}.png")
            print(options.directory / f"{name}.png")
        browser.close()


def _pages(browser: Browser, url: str) -> Iterator[tuple[str, Page]]:
    for (size, viewport), scheme in product(SIZES.items(), SCHEMES):
        page = browser.new_page(
            viewport=viewport, color_scheme=scheme, reduced_motion="reduce", locale="en-GB"
        )
        for view, query in VIEWS.items():
            page.goto(f"{url}?{urlencode(query)}", wait_until="networkidle")
            page.evaluate(_SETTLE)
            yield f"{view}-{size}-{scheme}", page
        for view, (query, act) in ACTIONS.items():
            page.goto(f"{url}?{urlencode(query)}", wait_until="networkidle")
            act(page)
            page.evaluate(_SETTLE)
            yield f"{view}-{size}-{scheme}", page
        page.close(run_before_unload=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.screenshots", description=__doc__
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--url", required=True, help="of a running stack, with the samples")
    return parser.parse_args()


if __name__ == "__main__":
    main()
