"""What all tests share: bundles, and the stack on this machine for those that ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.service import free_port
from local.stack import BUNDLE, LocalStack, started
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a bundle that means nothing and loads at once."""
    return write_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The template, deployed on this machine with the offline model; its buckets are empty."""
    data = tmp_path_factory.mktemp("stack")
    with started(data, BUNDLE, free_port(), free_port(), lambda _: None, enforce_iam=True) as stack:
        yield stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each worker whole files, and one of them all tests that share a stack.

    A browser misses a frame on a busy machine, so what fails there is tried once more.
    """
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        group = str(item.path) if folder in ("unit", "contract") else folder
        item.add_marker(pytest.mark.xdist_group("stack" if folder == "faults" else group))
        if folder == "browser":
            item.add_marker(pytest.mark.flaky(reruns=1))
