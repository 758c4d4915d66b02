"""The command line: `python -m model clip-vit-b32`."""

import argparse
import sys
from functools import partial
from pathlib import Path

from image_search.errors import BundleError

from .build import OFFLINE, build
from .download import DownloadError
from .registry import UnknownModelError, entries
from .towers.recipes import RECIPES


def main() -> int:
    """Build one bundle; the exit status is 1 if something it needs is missing or wrong."""
    arguments = _parser().parse_args()
    try:
        build(arguments.name, arguments.out, partial(print, flush=True), arguments.processor)
    except ModuleNotFoundError as error:
        print(f"make model: a package is missing: pip install {error.name}", file=sys.stderr)
        return 1
    except (UnknownModelError, DownloadError, BundleError, RuntimeError) as error:
        print(f"make model: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model", description="Build a model bundle.")
    parser.add_argument("name", help=f"one of {', '.join([OFFLINE, *entries()])}")
    parser.add_argument("--processor", choices=RECIPES, default="arm64", help="where it serves")
    parser.add_argument("--out", type=Path, default=Path("build/bundles"), help="parent folder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
