"""A little of what `make load` does at length."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def load() -> subprocess.CompletedProcess[str]:
    sizes = ["--images", "20", "--rate", "10", "--seconds", "1", "--flood", "3"]
    return subprocess.run(
        [sys.executable, "-m", "bench.load", *sizes],
        capture_output=True,
        text=True,
        check=False,
    )


def test_many_images_and_searches_at_once_lose_nothing(
    load: subprocess.CompletedProcess[str],
) -> None:
    assert load.returncode == 0, load.stderr
    assert "0 lost" in load.stdout
    assert "10 searches at 10 a second: {200: 10}" in load.stdout


def test_a_flood_of_searches_is_refused_and_ends(load: subprocess.CompletedProcess[str]) -> None:
    assert "429: " in load.stdout
    assert "answered again" in load.stdout
