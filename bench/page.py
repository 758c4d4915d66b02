"""What a visitor waits for: the page in headless Chromium on the local stack, with the samples.

`python -m bench.page` prints the median of several fresh visits: first and largest contentful
paint (ms), layout shift (https://web.dev/articles/cls), blocking time (ms of long tasks beyond 50),
requests and kilobytes until the network is quiet. The emulated CloudFront neither compresses nor
keeps anything, and everything is on one machine: on the web the network adds its part.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from local.demo import upload, wait_until_indexed
from local.service import free_port
from local.stack import BUNDLE, SAMPLES, started
from tests.browser.chromium import launch

_VISITS = 7
_VIEWS = {
    "gallery": "",
    "search by words": "?text=a+castle",
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
  return { first: paint.startTime, ...seen, requests: loaded.length,
           kB: loaded.reduce((sum, entry) => sum + entry.transferSize, 0) / 1000 };
}"""


def main() -> None:
    """Print the table."""
    with (
        tempfile.TemporaryDirectory() as data,
        started(Path(data), BUNDLE, free_port(), free_port(), print) as local,
        sync_playwright() as playwright,
        launch(playwright) as browser,
    ):
        upload(SAMPLES, local.images_bucket)
        wait_until_indexed(local)
        for name, query in _VIEWS.items():
            visits = [_visit(browser, local.address + query) for _ in range(_VISITS)]
            medians = {key: statistics.median(v[key] for v in visits) for key in visits[0]}
            print(f"{name:18}", *(f"{key} {value:8.2f}" for key, value in medians.items()))


def _visit(browser: Browser, address: str) -> dict[str, Any]:
    with browser.new_context(viewport={"width": 1280, "height": 860}) as context:
        context.add_init_script(_OBSERVE)
        page = context.new_page()
        page.goto(address, wait_until="networkidle")
        return dict(page.evaluate(_COLLECT))


if __name__ == "__main__":
    main()
