"""Bundles that differ in their ids alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path


def renamed(bundle: Path, directory: Path, identity: str) -> Path:
    """The same model under another id, in a new directory."""
    shutil.copytree(bundle, directory)
    manifest = json.loads((directory / "model.json").read_text())
    (directory / "model.json").write_text(json.dumps(manifest | {"id": identity}))
    return directory
