"""The Chromium that is installed: no browser is downloaded."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium's sandbox needs what containers and CI lack; the rest keeps it off the network.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
]


class NoBrowserError(Exception):
    """No Chromium is installed."""

    def __init__(self) -> None:
        super().__init__(
            f"The browser tests need one of {', '.join(NAMES)} on the PATH: install Chromium with "
            "`apt-get install chromium` (Debian, Ubuntu), `dnf install chromium` (Fedora) or "
            "Google Chrome from https://www.google.com/chrome/."
        )


def launch(playwright: Playwright) -> Browser:
    """Start it without a window.

    Raises:
        NoBrowserError: none is installed.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise NoBrowserError
    return playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
