"""The command line: `python -m model clip-vit-b32`."""

import argparse
import sys
from functools import partial
from pathlib import Path

from image_search.errors import BundleError

from .build import build
from .clip.precisions import PRECISIONS, PROCESSORS
from .errors import ModelError
from .registry import OFFLINE, entries


def main() -> int:
    """Build one bundle; the exit status is 1 if something it needs is missing or wrong."""
    given = _parser().parse_args()
    say = partial(print, flush=True)
    try:
        build(given.name, given.out, say, given.processor, given.precision)
    except KeyboardInterrupt:
        print("\nstopped; what is downloaded is kept", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        print(f"make model: a package is missing: pip install {error.name}", file=sys.stderr)
        return 1
    except (ModelError, BundleError) as error:
        print(f"make model: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m model", description="Build a model bundle.")
    parser.add_argument("name", help=f"one of {', '.join([OFFLINE, *entries()])}")
    parser.add_argument(
        "--processor", choices=PROCESSORS, default="arm64", help="where it serves; arm64"
    )
    parser.add_argument(
        "--precision", choices=PRECISIONS, help="of both towers; the build measures and decides"
    )
    parser.add_argument("--out", type=Path, default=Path("build/bundles"), help="parent folder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
