"""The page as its users name its parts, and the requests that a test holds back or refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

from playwright.sync_api import Dialog, Locator, Page, Route, ViewportSize, expect

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Nothing, not even an icon to ask for.
_BLANK = '<link rel="icon" href="data:,">'
# Chromium reports a violation itself; this one also names what was blocked.
REPORT_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI}`))"""


@dataclass
class Site:
    """The page in a browser. What goes wrong in it is kept, and fails the test at its end.

    Leaving the block leaves the browser's page as it was, for the next test.
    """

    page: Page
    address: str
    size: ViewportSize = field(default_factory=lambda: DESKTOP)
    faults: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)
    _changes: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.on("console", lambda message: self._note(message.type, message.text))
        self.on("pageerror", lambda error: self._note("error", str(error)))
        self.on("dialog", self._refuse)

    def __enter__(self) -> Self:
        self.page.set_viewport_size(self.size)
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.page.mouse.move(0, 0)
        return self

    def __exit__(self, *_: object) -> None:
        self.page.unroute_all()
        self._changes.close()
        blank = f"{self.address}blank"  # of the same origin, whose storage it can clear
        with self.page.route(
            blank, lambda route: route.fulfill(body=_BLANK, content_type="text/html")
        ):
            self.page.goto(blank)
        self.page.session_storage.clear()

    def on(self, event: str, handler: Callable[[Any], None]) -> None:
        """Hand the events of a kind to a function until the end of the test."""
        self.page.on(event, handler)  # type: ignore[call-overload]
        self._changes.callback(self.page.remove_listener, event, handler)

    def run_first(self, script: str) -> None:
        """Run a script before those of the page until the end of the test."""
        self._changes.enter_context(self.page.add_init_script(script))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error":
            self.faults.append(text)

    def _refuse(self, dialog: Dialog) -> None:
        self._note("error", f"dialog: {dialog.message}")
        dialog.dismiss()

    def expect_fault(self, pattern: str) -> None:
        """Let a test end well although this is on the console."""
        self._expected.append(pattern)

    def unexpected_faults(self) -> list[str]:
        """What nobody expected."""
        return [f for f in self.faults if not any(re.search(p, f) for p in self._expected)]

    def open(self, **query: str) -> None:
        """Load the page."""
        self.page.goto(f"{self.address}?{urlencode(query)}" if query else self.address)

    def search(self, text: str) -> None:
        """Search by words."""
        self.search_box.fill(text)
        self.search_box.press("Enter")

    def choose_file(self, name: str, data: bytes, content_type: str = "image/jpeg") -> Locator:
        """Pick a file to upload; the row that follows it."""
        file = {"name": name, "mimeType": content_type, "buffer": data}
        expect(self.page.get_by_label("Upload images")).to_be_visible()
        self.page.get_by_label("Upload images").set_input_files(file)  # type: ignore[arg-type]
        return self.page.locator("#uploads li").filter(has_text=name).last

    def choose_picture(self, name: str, data: bytes) -> None:
        """Search by a picture that is not stored."""
        file = {"name": name, "mimeType": "image/jpeg", "buffer": data}
        box = self.page.get_by_label("Search by a picture from this computer")
        box.set_input_files(file)  # type: ignore[arg-type]

    def notice(self, text: str) -> Locator:
        """What the page says for a while."""
        notices = self.page.get_by_role("list", name="Notices")
        return notices.get_by_role("listitem").filter(has_text=text)

    def open_details(self) -> None:
        """Show what is known of the selected image, and what is done with it seldom."""
        self.panel.get_by_role("button", name="Details").click()

    def delete_selected(self) -> None:
        """Delete the image in the panel."""
        self.open_details()
        self.panel.get_by_role("button", name="Delete").click()

    @property
    def search_box(self) -> Locator:
        return self.page.get_by_role("searchbox", name="Search by words")

    @property
    def heading(self) -> Locator:
        """What the page says that it shows."""
        return self.page.locator("#title")

    @property
    def gallery(self) -> Locator:
        return self.page.locator("#gallery")

    @property
    def results(self) -> Locator:
        return self.page.locator("#results")

    @property
    def chips(self) -> Locator:
        return self.page.get_by_role("list", name="Parts of this search").get_by_role("listitem")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("complementary", name="Selected image")

    @property
    def similar(self) -> Locator:
        return self.panel.locator("#similar")

    @contextmanager
    def holding(self, pattern: str) -> Iterator[None]:
        """Hold back the requests to an address until the block ends."""
        held: list[Route] = []
        released = False

        def hold(route: Route) -> None:
            if released:
                route.fallback()
            else:
                held.append(route)

        self.page.route(pattern, hold)
        yield
        released = True
        for route in held:
            route.fallback()


def tile(place: Locator, key: str) -> Locator:
    """The link to an image in a list."""
    return place.get_by_role("link", name=key, exact=True)


def keys(place: Locator) -> list[str]:
    """The keys of the images in a list, in order."""
    found = place.locator(".tile").evaluate_all("tiles => tiles.map(tile => tile.dataset.key)")
    return [str(key) for key in found]


def scores(place: Locator) -> list[float]:
    """The scores in a list, in order."""
    titles = place.locator(".tile a").evaluate_all("links => links.map(link => link.title)")
    return [float(re.sub(r"[^-\d.]", "", title)) for title in titles]


def expect_first(place: Locator, key: str) -> None:
    """Wait until an image leads a list."""
    expect(place.locator(".tile").first.get_by_role("link")).to_have_accessible_name(key)


def expect_loaded(image: Locator) -> None:
    """Wait until a picture is there and has been decoded."""
    image.scroll_into_view_if_needed()
    image.evaluate("image => image.decode()")
    assert image.evaluate("image => image.naturalWidth") > 0
