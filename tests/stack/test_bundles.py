"""Another bundle is another deployment of the same code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from deploy.doctor import queue_everything
from local.service import free_port
from local.smoke import SAMPLES, User
from local.stack import NAME, deploy, parameters, started


def another(bundle: Path, directory: Path) -> Path:
    """The same model under another id."""
    shutil.copytree(bundle, directory)
    manifest = json.loads((directory / "model.json").read_text())
    (directory / "model.json").write_text(json.dumps(manifest | {"id": "tiny-fp32-00000001"}))
    return directory


def test_after_a_deployment_another_bundle_serves_and_queueing_everything_fills_it(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    port, index_port = free_port(), free_port()
    with started(tmp_path, tiny_bundle, port, index_port, lambda _: None) as local:
        user = User(local)
        user.put("a.jpg", next(SAMPLES.rglob("*.jpg")).read_bytes())
        user.wait_until_indexed("a.jpg")

        deploy(NAME, another(tiny_bundle, tmp_path / "another"), parameters(index_port), port)

        assert user.http.get("/api/health").json()["bundle"]["id"] == "tiny-fp32-00000001"
        assert user.state("a.jpg") == ("pending", None)
        assert queue_everything(local.stack.outputs) == 1
        user.wait_until_indexed("a.jpg")
