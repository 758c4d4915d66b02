"""What all tests share: bundles, and the stack on this machine for those that ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import change_sets, cloudformation
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


@pytest.fixture(scope="session", autouse=True)
def impatient() -> Iterator[None]:
    """Deployments look more often than CloudFormation would bear: the emulator is done at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloudformation, "_POLL_SECONDS", 0.1)
        patch.setitem(change_sets._COMPARE, "Delay", 0.1)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each worker whole files, and all tests that share a stack to one of them.

    A browser misses a frame on a busy machine, so what fails there is tried once more.
    """
    for item in items:
        item.add_marker(
            pytest.mark.xdist_group(_group(item.path.relative_to(Path(__file__).parent)))
        )
        if item.path.is_relative_to(Path(__file__).parent / "browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def _group(path: Path) -> str:
    """The folder whose tests share a stack; a file of its own where they share none."""
    if path.parts[0] in ("browser", "stack"):
        return "/".join(path.parts[:2] if path.parts[1] == "deployments" else path.parts[:1])
    return str(path)
