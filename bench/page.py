"""What a visitor waits for: the gallery in headless Chromium on the local stack, with the samples.

`python -m bench.page` prints, of visits with an empty cache, when something is painted first, when
the first picture and the first eight are there (ms), layout shift (https://web.dev/articles/cls)
and what is loaded besides pictures (kB): on this machine's network, and on a slow one. The
emulated CloudFront neither compresses the API's answers nor keeps anything.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from bench.measure import Figure, in_turns, print_results
from local.demo import upload, wait_until_indexed
from local.stack import SAMPLES, started
from tests.browser.chromium import launch

_VISITS = 7
# Round trip in ms and bytes a second, in Chromium's terms: a poor mobile network.
_SLOW = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
_OBSERVE = """
window.seen = { pictures: [], shift: 0 };
const add = ({ hadRecentInput, value }) => (seen.shift += hadRecentInput ? 0 : value);
new PerformanceObserver((list) => list.getEntries().forEach(add))
  .observe({ type: "layout-shift", buffered: true });
document.addEventListener("load", ({ target }) =>
  target.matches?.(".tile img") && seen.pictures.push(performance.now()), { capture: true });
"""
_COLLECT = """() => {
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const loaded = ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type));
  const bytes = loaded.filter(({ name }) => !name.includes("/thumbs/"))
    .reduce((sum, { transferSize }) => sum + transferSize, 0);
  const [first, eight] = [seen.pictures[0], seen.pictures[7]];
  return {
    "first paint": paint.startTime, "first picture": first, "eight pictures": eight,
    "layout shift": seen.shift, "kB, no pictures": bytes / 1000,
  };
}"""


def main() -> None:
    """Print the table."""
    with ExitStack() as stack:
        local = stack.enter_context(started(Path(stack.enter_context(TemporaryDirectory()))))
        browser = stack.enter_context(launch(stack.enter_context(sync_playwright())))
        upload(SAMPLES, local.images_bucket)
        wait_until_indexed(local)
        networks = {"this machine": None, "400 ms, 50 kB/s": _SLOW}
        visit = {name: partial(_visit, browser, local.url, of) for name, of in networks.items()}
        visits = in_turns(visit, _VISITS)
    title = f"best / median of {_VISITS} visits"
    print_results(title, visits, lambda values: f"{Figure.of(values):.2f}")


def _visit(
    browser: Browser, url: str, network: dict[str, int] | None, _round: int
) -> dict[str, float]:
    with browser.new_context(viewport={"width": 1280, "height": 860}) as context:
        context.add_init_script(_OBSERVE)
        page = context.new_page()
        if network:
            protocol = context.new_cdp_session(page)
            protocol.send("Network.enable")
            protocol.send("Network.emulateNetworkConditions", {"offline": False, **network})
        page.goto(url, wait_until="commit")
        page.wait_for_function("() => seen.pictures.length >= 8")
        return dict(page.evaluate(_COLLECT))


if __name__ == "__main__":
    main()
