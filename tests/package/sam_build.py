"""The functions' package as `sam build` makes it, and what Lambda's own runtime adds to it.

Python of the functions' version must be on the PATH, as SAM wants it.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from deploy.stack import ROOT

Architecture = Literal["arm64", "x86_64"]

PYTHON = "python3.13"
FUNCTIONS = ("index", "search", "setup")
_RUNTIME = Path(__file__).with_name("lambda-runtime.txt")


class Package(NamedTuple):
    """All that the functions of a checkout have on Lambda."""

    checkout: Path
    functions: Path
    """Those that are compiled."""
    dependencies: Path
    """Content of the layer of dependencies."""
    library: Path
    """Content of the layer of the library."""
    runtime: Path
    """boto3 and what else Lambda's runtime brings."""

    def files(self, function: str) -> list[Path]:
        """What counts towards the size of a function: its layers and its code."""
        folders = self.path(function)[:-1]
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

    def path(self, function: str) -> list[Path]:
        """Where Python looks, in Lambda's order.

        https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath
        """
        built = self.functions / function
        code = built if built.exists() else self.checkout / "functions" / function
        return [code, self.dependencies, self.library, self.runtime]


@cache
def built(architecture: Architecture, checkout: Path = ROOT) -> Package:
    """Build the layers with SAM's commands, and install the runtime beside them, once."""
    build = checkout / "build" / "package"
    dependencies, library = _empty(build / architecture), _empty(build / "library")
    runtime = _empty(build / "runtime")
    _make(checkout / "layers" / "dependencies", "DependenciesLayer", dependencies, architecture)
    _make(checkout / "layers" / "image_search", "LibraryLayer", library, architecture)
    install = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*install, "--require-hashes", "--requirement", _RUNTIME, "--target", runtime)
    functions = _empty(build / "functions")
    for makefile in (checkout / "functions").glob("*/Makefile"):
        name = makefile.parent.name
        target = _empty(functions / name)
        _make(makefile.parent, f"{name.title()}Function", target, architecture)
    return Package(checkout, functions, dependencies / "python", library / "python", runtime)


def machine() -> Architecture:
    """The architecture of this machine."""
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def _make(folder: Path, layer: str, target: Path, architecture: Architecture) -> None:
    make = ("make", "--silent", "--directory", folder, f"build-{layer}")
    _run(*make, f"ARCHITECTURE={architecture}", f"ARTIFACTS_DIR={target}")


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True)
