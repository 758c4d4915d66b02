"""What all tests share: bundles, and the stack on this machine for those that ask for it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from deploy import change_sets, cloudformation
from local import emulator_template
from local.stack import LocalStack, started
from tests.tiny_bundle import write_tiny_bundle

# A busy machine fails no test: examples have no time limit.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a bundle that means nothing and loads at once."""
    return write_tiny_bundle(tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The template, deployed on this machine with the offline model; its buckets are empty."""
    data = tmp_path_factory.mktemp("stack")
    with started(data, enforce_iam=True) as stack:
        yield stack


@pytest.fixture(scope="session", autouse=True)
def impatient() -> Iterator[None]:
    """Deployments look more often than CloudFormation would bear: the emulator is done at once.

    One process indexes, because each takes a second to start; `make faults` has several.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloudformation, "_POLL_SECONDS", 0.1)
        patch.setitem(change_sets._COMPARE, "Delay", 0.1)
        patch.setattr(emulator_template, "_INDEX_CONCURRENCY", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_clients() -> Iterator[None]:
    """Clients share certificates and AWS's data files, which each would read for 30 to 100 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield


class ByStack(LoadScopeScheduling):
    """Gives each worker whole files, and all tests that share a stack to one of them.

    Groups of `--dist loadgroup` have no effect: https://github.com/pytest-dev/pytest-xdist/issues/1386
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """The tests that run on the same worker as this one: of its file, or of its stack."""
    file = nodeid.partition("::")[0]
    match Path(file).parts[1:]:
        case ("browser", name) if name != "test_signing_in.py":  # which has stacks of its own
            return "browser, a to m" if name < "test_n" else "browser, n to z"
        case ("stack", "deployments", *_):
            return "deployments"
        case ("stack" | "faults", *_):
            return "stack"
    return file


@pytest.hookimpl(optionalhook=True)  # so that `-p no:xdist` runs the tests in one process
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByStack:
    """Distribute the tests by the stacks that they use."""
    return ByStack(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and try what fails in a browser once more.

    Each worker begins with two groups of tests; a browser misses a frame on a busy machine.
    """
    items.sort(key=lambda item: group_of(item.nodeid).endswith(".py"))
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent / "browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print why a test that passed at the second try failed at the first."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(report.nodeid)
        terminalreporter.write_line(report.longreprtext)
