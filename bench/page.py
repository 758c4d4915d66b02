"""What a visitor waits for: the gallery in headless Chromium on the local stack, with the samples.

`python -m bench.page` prints first and largest contentful paint (ms) and layout shift
(https://web.dev/articles/cls) of visits with an empty cache. The emulated CloudFront neither
compresses nor keeps anything, and everything is on one machine: the network adds its part.
"""

from __future__ import annotations

from functools import partial

from playwright.sync_api import Browser, sync_playwright

from bench.measure import Figure, in_turns, print_table
from bench.stack import local_stack
from local.demo import upload, wait_until_indexed
from local.stack import SAMPLES
from tests.browser.chromium import launch

_VISITS = 7
_OBSERVE = """
window.seen = { largest: 0, shift: 0 };
const on = (type, add) => new PerformanceObserver((list) => list.getEntries().forEach(add))
  .observe({ type, buffered: true });
on("largest-contentful-paint", (entry) => (seen.largest = entry.startTime));
on("layout-shift", (entry) => (seen.shift += entry.hadRecentInput ? 0 : entry.value));
"""
_COLLECT = """() => {
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return [paint.startTime, seen.largest, seen.shift];
}"""


def main() -> None:
    """Print the table."""
    with local_stack() as local, sync_playwright() as playwright, launch(playwright) as browser:
        upload(SAMPLES, local.images_bucket)
        wait_until_indexed(local)
        visits = in_turns({"gallery": partial(_visit, browser, local.url)}, _VISITS)
    columns = {name: zip(*runs, strict=True) for name, runs in visits.items()}
    rows = {name: [f"{Figure.of(c):.2f}" for c in cells] for name, cells in columns.items()}
    head = ["first paint", "largest paint", "layout shift"]
    print_table(f"best / median of {_VISITS} visits", head, rows)


def _visit(browser: Browser, address: str, _round: int) -> list[float]:
    with browser.new_context(viewport={"width": 1280, "height": 860}) as context:
        context.add_init_script(_OBSERVE)
        page = context.new_page()
        page.goto(address, wait_until="networkidle")
        return list(page.evaluate(_COLLECT))


if __name__ == "__main__":
    main()
