"""A little of what `make load` does at length, on the stack that is there."""

from __future__ import annotations

import io
import sys
from contextlib import nullcontext, redirect_stdout
from dataclasses import replace

import pytest

from bench import load
from deploy.cloudformation import outputs
from deploy.stack import Stack
from local.stack import NAME, LocalStack


@pytest.fixture(scope="module")
def printed(local: LocalStack) -> str:
    present = replace(local, stack=Stack(NAME, outputs(NAME)))  # it may have another index by now
    sizes = ["--images", "10", "--rate", "10", "--seconds", "1", "--flood", "60"]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as output:
        patch.setattr(load, "_SEARCHERS", 2)  # each starts a process, and so does the flood
        patch.setattr(load, "started", lambda _: nullcontext(present))
        patch.setattr(sys, "argv", ["load", *sizes])
        assert load.main() == 0, output.getvalue()
    return output.getvalue()


def test_many_images_and_searches_at_once_lose_nothing(printed: str) -> None:
    assert "0 lost" in printed
    assert "10 searches at 10 a second: {200: 10}" in printed


def test_a_flood_of_searches_is_refused_and_ends(printed: str) -> None:
    assert "429: " in printed
    assert "answered again" in printed
