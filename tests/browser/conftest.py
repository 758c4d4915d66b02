"""A browser on the stack, with a dozen photographs in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect, sync_playwright

from local.demo import upload, wait_until_indexed
from local.stack import SAMPLES, LocalStack
from local.user import User
from tests.browser.chromium import NoBrowserError, launch
from tests.browser.site import Site

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
_DESKTOP: ViewportSize = {"width": 1280, "height": 900}
# An upload is findable within a second or two; a busy machine takes longer.
_PATIENCE_MS = 20_000


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


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests, as the page keeps nothing in the browser: what is cached saves seconds.

    Nothing moves, so that nobody waits for it.
    """
    with browser.new_context(viewport=_DESKTOP, locale="en-GB", reduced_motion="reduce") as context:
        context.set_default_timeout(_PATIENCE_MS)
        yield context


@pytest.fixture
def site(
    context: BrowserContext, local: LocalStack, photographs: tuple[str, ...]
) -> Iterator[Site]:
    """The page, not opened yet; an error in it that a test does not expect fails the test."""
    with context.new_page() as page:
        site = Site(page, f"{local.url}/")
        yield site
    assert site.unexpected_faults() == []


def photograph(key: str) -> bytes:
    """The file of a sample."""
    return Path(SAMPLES / key).read_bytes()
