"""From a checkpoint that transformers wrote to a collection that is searched, by the commands.

The demo keeps its records in the cloud, as which a local index poses.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from pinecone import Pinecone

from local import demo
from local.service import ServiceError, free_port, require_free
from local.stack import LocalStack, vector_index
from local.user import User
from model import __main__ as model
from model import verify
from model.clip.precisions import host
from tests.unit.model.conftest import hub, sample_folder, samples, tiny_entry  # noqa: F401

API_KEY = "cloud-key"


@dataclass
class Visit:
    """What was seen of a demo while it ran."""

    bundle: str
    bucket: str
    found: set[str]
    newest: set[str]
    records: int
    """In the cloud's index."""


def test_model_verify_and_demo_carry_a_checkpoint_of_a_hub_to_a_collection_that_is_found(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    served, images = request.getfixturevalue("hub"), request.getfixturevalue("samples")
    tiny_entry(served, monkeypatch)
    bundles, port, visits = tmp_path / "build" / "bundles", free_port(), list[Visit]()
    monkeypatch.setenv("PINECONE_API_KEY", API_KEY)
    monkeypatch.setenv("PINECONE_CONTROLLER_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(verify, "_OUT", bundles)
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(
        demo, "instructions", lambda local, _: visits.append(_visit(local, port)) or ""
    )
    monkeypatch.setattr(
        demo, "signal", SimpleNamespace(**vars(signal) | {"pause": _stop, "signal": _ignore})
    )

    def run(main, *arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["make", *arguments])
        return main()

    assert run(model.main, "clip-vit-b32", "--processor", host(), "--out", str(bundles)) == 0
    asked = len(served.asked)
    assert run(verify.main, "clip-vit-b32") == 0
    data = tmp_path / "demo"
    where = ["--port", str(_port()), "--data", str(data), "--images", str(images)]
    with vector_index(tmp_path / "pinecone", port):
        assert run(demo.main, *where, "--model", "clip-vit-b32", "--index", "cloud") == 0

    printed = capsys.readouterr().out
    assert f"image  for {host()} the build takes" in printed
    assert "is already in" in printed
    assert API_KEY not in printed
    assert len(served.asked) == asked
    (visit,) = visits
    assert visit.bundle.startswith("clip-vit-b32-")
    assert visit.found == visit.newest == {path.name for path in images.iterdir()}
    assert visit.records == len(visit.found)
    assert (data / "cloud" / "id").read_text() in visit.bucket


def _visit(local: LocalStack, port: int) -> Visit:
    """Search by the model that was built, in the gallery and in the cloud."""
    user = User(local)
    newest = user.http.get("/api/images", params={"sort": "newest", "limit": 100}).json()
    cloud = Pinecone(api_key=API_KEY, host=f"http://127.0.0.1:{port}")
    index = cloud.index(host=cloud.describe_index("image-search").host)
    return Visit(
        user.http.get("/api/health").json()["bundle"]["id"],
        local.images_bucket,
        set(user.found(text="a cat", top_k="100")),
        {image["key"] for image in newest["images"]},
        index.describe_index_stats().total_vector_count,
    )


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
