"""What a visitor waits for: the page in headless Chromium on the local stack, with the samples.

`python -m bench.page` prints, of several visits with an empty cache, first and largest contentful
paint (ms), layout shift (https://web.dev/articles/cls), blocking time (ms of long tasks beyond 50),
requests and kilobytes until the network is quiet. The emulated CloudFront neither compresses nor
keeps anything, and everything is on one machine: on the web the network adds its part.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, sync_playwright

from bench.measure import SAMPLES, Figure, in_turns, table
from bench.stack import local_stack
from local.demo import upload, wait_until_indexed
from tests.browser.chromium import launch

_VISITS = 7
_VIEWS = {
    "gallery": "",
    "search by words": "?text=a+castle+{n}",  # new words in every round
    "selected image": "?key=animals/cat-chelsea.jpg",
    "map": "?view=map",
}
_OBSERVE = """
window.seen = { largest: 0, shift: 0, blocked: 0 };
const on = (type, add) => new PerformanceObserver((list) => list.getEntries().forEach(add))
  .observe({ type, buffered: true });
on("largest-contentful-paint", (entry) => (seen.largest = entry.startTime));
on("layout-shift", (entry) => (seen.shift += entry.hadRecentInput ? 0 : entry.value));
on("longtask", (entry) => (seen.blocked += entry.duration - 50));
"""
_COLLECT = """() => {
  const loaded = performance.getEntriesByType("resource");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return [paint.startTime, seen.largest, seen.shift, seen.blocked, loaded.length,
          loaded.reduce((sum, entry) => sum + entry.transferSize, 0) / 1000];
}"""
_HEAD = ("first paint", "largest paint", "layout shift", "blocked", "requests", "kB")


def main() -> None:
    """Print the table."""
    with (
        local_stack() as local,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        upload(SAMPLES, local.images_bucket)
        wait_until_indexed(local)
        views = {name: _view(browser, local.address + query) for name, query in _VIEWS.items()}
        visits = in_turns(views, _VISITS)
    columns = {name: zip(*runs, strict=True) for name, runs in visits.items()}
    rows = {name: [f"{Figure.of(c):.2f}" for c in cells] for name, cells in columns.items()}
    print(f"\nbest / median of {_VISITS} visits in turns\n")
    print(table(["", *_HEAD], rows))


def _view(browser: Browser, address: str) -> Callable[[int], list[float]]:
    def visit(number: int) -> list[float]:
        with browser.new_context(viewport={"width": 1280, "height": 860}) as context:
            context.add_init_script(_OBSERVE)
            page = context.new_page()
            page.goto(address.format(n=number), wait_until="networkidle")
            return list(page.evaluate(_COLLECT))

    return visit


if __name__ == "__main__":
    main()
