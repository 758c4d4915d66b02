"""The command line: `python -m model offline --out build/bundles`."""

import argparse
import sys
from pathlib import Path

PACKAGES = {"PIL": "pillow"}  # by module, where the names differ


def main() -> int:
    """Build one bundle; the exit status is 1 if a package that it needs is missing."""
    arguments = _parser().parse_args()
    try:
        _build(arguments.out)
    except ModuleNotFoundError as error:
        package = PACKAGES.get(str(error.name), error.name)
        print(f"the build needs the package {package}: pip install {package}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model", description="Build a model bundle.")
    parser.add_argument("name", choices=["offline"], help="which model")
    parser.add_argument("--out", type=Path, default=Path("build/bundles"), help="parent folder")
    return parser


def _build(out: Path) -> None:
    from .offline.build import build  # noqa: PLC0415 - a missing package ends in one sentence

    build(out, lambda line: print(line, flush=True))


if __name__ == "__main__":
    sys.exit(main())
