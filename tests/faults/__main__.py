"""`python -m tests.faults --objects 1000`: every fault, on the stack on this machine.

During each fault a collection of small images is changed a thousand times. After it, doctor must
find no difference, and the dead-letter queue holds only what the fault made impossible.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.collection import Collection
from tests.faults.schedule import FAULTS, Rehearsal, rehearse
from tests.faults.site import faulty_site
from tests.tiny_bundle import write_tiny_bundle


def main() -> int:
    """Run all; the exit status is 1 at the first that was not survived."""
    options = _options()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        bundle = write_tiny_bundle(directory / "tiny")
        with faulty_site(directory / "stack", bundle) as site:
            collection = Collection(site.local.images_bucket, options.seed)
            rehearsal = Rehearsal(site, collection, random.Random(options.seed), options.late, _say)
            try:
                chosen = {name: run for name, run in FAULTS.items() if options.only in name}
                rehearse(rehearsal, options.objects, chosen)
            except (AssertionError, TimeoutError) as error:
                print(f"NOT SURVIVED: {error}", file=sys.stderr)
                return 1
            finally:
                _print(rehearsal, time.monotonic() - began)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _print(rehearsal: Rehearsal, seconds: float) -> None:
    changes = ", ".join(f"{count} {kind}" for kind, count in rehearsal.collection.changes.items())
    print(f"\n{len(rehearsal.survived)} faults survived; {changes}; {seconds:.0f} s")
    print(f"{rehearsal.checked} comparisons of an image with its record")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--objects", type=int, default=1000, help="changes during each fault")
    parser.add_argument("--late", type=int, default=150, help="seconds that events may come late")
    parser.add_argument("--only", default="", help="faults whose names have this")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
