"""`make reindex`: queue the images of the bucket, as if they had just been uploaded.

For a bucket that is older than its index, and for another bundle. The index function does the work
and skips what is indexed already. Keys are queued no faster than it takes them, so that new uploads
wait a minute at most. A run that was stopped or killed goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Thread

from pydantic import ValidationError
from tqdm import tqdm

from deploy import cloudformation
from deploy.backfill import Backfill, Plan, plan
from deploy.cloudformation import outputs
from deploy.doctor import agreement
from deploy.errors import FAULTS, explained
from deploy.stack import ROOT, outputs_of_other
from image_search import s3
from image_search.consistency import differing
from image_search.s3 import Bucket, ObjectInfo
from image_search.uploads_queue import UploadsQueue

# What a copy of the index function does in a minute, at ten photographs a second: docs/scale.md.
_WAITING_PER_COPY = 600


@explained("make reindex")
def main() -> int:
    """Queue a stack's images; the exit status is 2 if it was stopped."""
    options = _options()
    stack = (outputs_of_other if options.other else outputs)(options.name)
    backfill = Backfill(
        Bucket(stack["ImagesBucket"], s3.client()),
        options.prefix,
        UploadsQueue(stack["UploadsQueue"]),
        most_waiting=_copies(options.name) * _WAITING_PER_COPY,
        chosen=_lacking(stack) if options.missing or options.other else _every,
    )
    kept = place(options.name)
    what = f"{cloudformation.identity(options.name)} {stack['Bundle']} {vars(options)}"
    present = _begun(kept, what) or plan(what, backfill.bucket, options.prefix)
    try:
        _run_from(kept, backfill, present)
    except (KeyboardInterrupt, *FAULTS) as error:
        said = f"stopped after {present.seen} images ({error!r}); the same command goes on"
        print(said, file=sys.stderr)
        return 2
    kept.unlink(missing_ok=True)
    print(f"queued {present.queued} of {present.seen} images")
    return 0


def place(name: str) -> Path:
    """Where a run keeps how far it came."""
    return ROOT / f".reindex-{name}.json"


def reindex(bucket: str, queue: str) -> int:
    """Queue all images of a bucket at once; returns their number."""
    backfill = Backfill(Bucket(bucket, s3.client()), "", UploadsQueue(queue), sys.maxsize, _every)
    everything = plan("", backfill.bucket, "")
    backfill.run(everything)
    return everything.queued


def _every(infos: list[ObjectInfo]) -> list[str]:
    return [info.key for info in infos]


def _lacking(stack: Mapping[str, str]) -> Callable[[list[ObjectInfo]], list[str]]:
    """Only the images that the index lacks, or has another state of."""
    compared = agreement(stack)
    return lambda infos: differing(compared.examine(infos))


def _copies(name: str) -> int:
    return int((cloudformation.parameters(name) or {})["IndexConcurrency"])


def _begun(kept: Path, what: str) -> Plan | None:
    """The plan that an earlier run of the same command left."""
    try:
        left = Plan.model_validate_json(kept.read_text())
    except (FileNotFoundError, ValidationError):
        return None
    if left.what != what:
        return None
    print(f"going on after {left.seen} images; without {kept.name} it begins anew")
    return left


def _run_from(kept: Path, backfill: Backfill, present: Plan) -> None:
    """Run a plan and keep its place after each page, with a bar that knows its end soon."""
    with tqdm(desc="queueing", unit=" images", initial=present.seen, leave=False) as bar:

        def moved(now: Plan, seen: int) -> None:
            _keep(kept, now)
            bar.update(seen)

        def count() -> None:
            bar.total = backfill.count(present)

        backfill.moved = moved
        Thread(target=count, daemon=True).start()
        backfill.run(present)


def _keep(kept: Path, present: Plan) -> None:
    """Whoever is killed here has left the plan as it was before, or as it is now."""
    new = kept.with_suffix(".new")
    new.write_text(present.model_dump_json())
    new.replace(kept)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.reindex", description=__doc__)
    parser.add_argument("--name", default="image-search", help="of the stack")
    parser.add_argument("--prefix", default="", help="only keys that begin with this")
    parser.add_argument("--missing", action="store_true", help="only what the index lacks")
    parser.add_argument(
        "--other", action="store_true", help="only what the bundle beside the searched one lacks"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
