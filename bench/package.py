"""The functions' package as `sam build` makes it, and what Lambda's own runtime adds to it.

Python of the functions' version must be on the PATH, as SAM wants it.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from bench.places import LIBRARY, ROOT

Architecture = Literal["arm64", "x86_64"]

PYTHON = "python3.13"
FUNCTIONS = ("index", "search", "setup")
_BUILT = ROOT / "build" / "package"
_LAYER = ROOT / "layers" / "dependencies"
_RUNTIME = Path(__file__).parent / "lambda-runtime.txt"


@dataclass(frozen=True)
class Package:
    """All that the functions have on Lambda."""

    dependencies: Path
    """Content of the layer of dependencies."""
    runtime: Path
    """boto3 and what else Lambda's runtime brings."""

    def files(self, function: str) -> list[Path]:
        """What counts towards the size of a function: its layers and its code."""
        folders = (_code(function), self.dependencies, LIBRARY)
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

    def path(self, function: str) -> list[Path]:
        """Where Python looks, in Lambda's order.

        https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath
        """
        return [_code(function), self.dependencies, LIBRARY, self.runtime]


@cache
def built(architecture: Architecture) -> Package:
    """Build the layer with the command that SAM runs, and install the runtime beside it, once."""
    dependencies, runtime = _empty(_BUILT / architecture), _empty(_BUILT / "runtime")
    make = ("make", "--silent", "--directory", _LAYER, "build-DependenciesLayer")
    _run(*make, f"ARCHITECTURE={architecture}", f"ARTIFACTS_DIR={dependencies}")
    install = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*install, "--require-hashes", "--requirement", _RUNTIME, "--target", runtime)
    return Package(dependencies / "python", runtime)


def machine() -> Architecture:
    """The architecture of this machine."""
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def _code(function: str) -> Path:
    return ROOT / "functions" / function


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True)
