"""What axe-core finds wrong with what the page shows, in either colour scheme."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

# WCAG 2.2 A and AA, and what axe recommends besides.
_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
_COLOURS_ONLY = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}


def violations(page: Page) -> list[str]:
    """What axe reports: in light of everything, in dark of the colours."""
    if page.evaluate("!globalThis.axe"):
        page.evaluate(AXE_SCRIPT)
    in_light = _run(page, _OPTIONS)
    page.emulate_media(color_scheme="dark")
    in_dark = _run(page, _COLOURS_ONLY)
    page.emulate_media(color_scheme="light")
    return [found.generate_report() for found in (in_light, in_dark) if found.violations_count]


def _run(page: Page, options: dict[str, object]) -> AxeResults:
    return AxeResults(page.evaluate("options => axe.run(options)", options))
