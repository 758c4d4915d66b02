"""A stack that tests change; each module leaves it usable for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy import stack as deployment
from deploy.page import upload_page
from local.stack import LocalStack, started


@pytest.fixture(scope="package")
def deployed(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The template with a bundle that loads at once; earlier tests may have left images in it."""
    data = tmp_path_factory.mktemp("deployments")
    quiet = started(data, tiny_bundle, enforce_iam=True)
    with pytest.MonkeyPatch.context() as patch:
        # The emulator reads it when it starts. A flood of searches exceeds it, no other test does.
        patch.setenv("LAMBDA_ACCOUNT_CONCURRENCY", "4")
        with quiet as stack:
            patch.setattr(
                deployment, "upload_page", _unless_there(stack.stack.outputs["WebBucket"])
            )
            yield stack


def _unless_there(bucket: str) -> Callable[[Path, str], None]:
    """Spare the stack its page, which no deployment changes."""
    return lambda directory, other: None if other == bucket else upload_page(directory, other)


@pytest.fixture(scope="package")
def local(deployed: LocalStack) -> LocalStack:
    """The stack as a folder of tests needs it: here, as it is."""
    return deployed
