"""From a checkpoint that transformers wrote to a collection that is searched, by the commands."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from local import demo
from local.service import ServiceError, free_port, require_free
from local.stack import LocalStack
from model import __main__ as model
from model import verify
from model.clip.precisions import host
from tests.unit.model.conftest import hub, samples, tiny_entry  # noqa: F401


@pytest.mark.usefixtures("samples")
def test_model_verify_and_demo_carry_a_checkpoint_of_a_hub_to_a_collection_that_is_found(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    served = request.getfixturevalue("hub")
    tiny_entry(served, monkeypatch)
    bundles, found = tmp_path / "build" / "bundles", []
    monkeypatch.setattr(verify, "_OUT", bundles)
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "instructions", lambda local, _: found.extend(_searched(local)) or "")
    monkeypatch.setattr(
        demo, "signal", SimpleNamespace(**vars(signal) | {"pause": _stop, "signal": _ignore})
    )

    def run(main, *arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["make", *arguments])
        return main()

    assert run(model.main, "clip-vit-b32", "--processor", host(), "--out", str(bundles)) == 0
    asked = len(served.asked)
    assert run(verify.main, "clip-vit-b32") == 0
    where = ["--data", str(tmp_path / "demo"), "--images", str(tmp_path / "samples")]
    assert run(demo.main, "--port", str(_port()), *where, "--model", "clip-vit-b32") == 0

    said = capsys.readouterr().out
    assert f"image  for {host()} the build takes" in said
    assert "is already in" in said
    assert len(served.asked) == asked
    assert set(found) == {path.name for path in (tmp_path / "samples").iterdir()}


def _searched(local: LocalStack) -> list[str]:
    """The keys that words find, by the model that was built."""
    with local.client() as client:
        health = client.get("/api/health").json()
        assert health["bundle"]["id"].startswith("clip-vit-b32-")
        answer = client.get("/api/search", params={"text": "a cat", "top_k": 100}).json()
    return [match["key"] for match in answer["matches"]]


def _port() -> int:
    """A free port before a free one: the demo takes both."""
    while True:
        port = free_port()
        with suppress(ServiceError):
            require_free(port + 1)
            return port


def _stop() -> None:
    raise KeyboardInterrupt


def _ignore(*_: object) -> None:
    """The process that runs the tests keeps its own handlers."""
