"""A browser on the stack, with a dozen photographs in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    expect,
    sync_playwright,
)

from local.demo import upload, wait_until_indexed
from local.stack import SAMPLES, LocalStack
from local.user import User
from tests.browser.chromium import NoBrowserError, launch
from tests.browser.site import DESKTOP, REPORT_VIOLATIONS, Site

PHOTOGRAPHS = (
    "animals/bird-owl.jpg",
    "animals/cat-chelsea.jpg",
    "animals/cat-ginger-kitten.jpg",
    "animals/dog-german-shepherd.jpg",
    "animals/horses-herd.jpg",
    "buildings/castle-neuschwanstein.jpg",
    "cities/city-night-singapore.jpg",
    "food/coffee-cup.jpg",
    "landscapes/coast-sunset.jpg",
    "landscapes/mountain-snowy-peaks-sunset.jpg",
    "plants/flower-dahlia.jpg",
    "space/jupiter-clouds.jpg",
)
# A second or two on an idle machine; a busy one takes half a minute to start a function that is
# to search by a picture.
_PATIENCE_MS = 60_000


@pytest.fixture(scope="session")
def user(local: LocalStack) -> User:
    return User(local)


@pytest.fixture(scope="session")
def photographs(local: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The keys of the images that are there for every test."""
    directory = tmp_path_factory.mktemp("photographs")
    for key in PHOTOGRAPHS:
        (directory / key).parent.mkdir(exist_ok=True)
        shutil.copy(SAMPLES / key, directory / key)
    upload(directory, local.images_bucket)
    wait_until_indexed(local)
    return PHOTOGRAPHS


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except NoBrowserError as error:
            if "CI" in os.environ:
                pytest.fail(str(error), pytrace=False)
            pytest.skip(str(error))
        yield browser
        browser.close()


@contextmanager
def new_context(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A browser whose storage and cache are empty, and in which nothing moves."""
    with browser.new_context(locale="en-GB", reduced_motion="reduce", **options) as context:
        context.set_default_timeout(_PATIENCE_MS)
        context.add_init_script(REPORT_VIOLATIONS)
        yield context


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests: what is cached saves seconds."""
    with new_context(browser, viewport=DESKTOP) as context:
        yield context


@pytest.fixture(scope="session")
def page(context: BrowserContext) -> Iterator[Page]:
    """One for all tests: to open another one costs more than all that most tests do."""
    with context.new_page() as page:
        yield page


@pytest.fixture
def site(page: Page, local: LocalStack, photographs: tuple[str, ...]) -> Iterator[Site]:
    """The page, not opened yet; an error in it that a test does not expect fails the test."""
    with Site(page, f"{local.url}/") as site:
        yield site
    assert site.unexpected_faults() == []


@pytest.fixture
def own_site(browser: Browser, local: LocalStack, photographs: tuple[str, ...]) -> Iterator[Site]:
    """The page in a browser of its own, for a test that changes it for good."""
    with new_context(browser, viewport=DESKTOP) as context:
        site = Site(context.new_page(), f"{local.url}/")
        yield site
    assert site.unexpected_faults() == []


def photograph(key: str) -> bytes:
    """The file of a sample."""
    return Path(SAMPLES / key).read_bytes()
