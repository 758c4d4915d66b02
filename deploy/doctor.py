"""`make doctor`: compares the bucket with the index, and queues what differs or everything.

It reads page by page, in constant memory. If it only reports, the exit status is 1 when there are
discrepancies. Keys are queued as if they had just been uploaded, and no faster than the index
function processes them, so a new upload waits for a minute at most. Uploads that are not indexed
yet look like discrepancies; queueing them again does no harm. A run that was stopped or killed
continues where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

from deploy import arguments, cloudformation
from deploy.cloudformation import outputs
from deploy.errors import FAULTS, explained
from deploy.stack import ROOT, outputs_of_other, vectors_of
from image_search import s3_connection
from image_search.consistency import REJECTED, REPAIRABLE, ConsistencyChecker, Report
from image_search.s3 import Bucket
from image_search.uploads_queue import WAITING_PER_EXECUTION, PacedQueue, UploadsQueue
from image_search.walk import LISTED, WALKS, Progress, Walker


@explained("make doctor")
def main() -> int:
    """Run; the exit status is 1 if something differs and is not queued, 2 if it was stopped."""
    options = _options()
    stack = (outputs_of_other if options.other else outputs)(options.name)
    most_waiting = _concurrency(options.name) * WAITING_PER_EXECUTION
    queue = PacedQueue(UploadsQueue(stack["UploadsQueue"]), most_waiting)
    walker = Walker(checker(stack, options.prefix), queue, _kinds(options))
    run = f"{cloudformation.identity(options.name)} {stack['Bundle']} {vars(options)}"
    kept = place_file(options.name)
    progress = _begun(kept, run) or walker.begin()
    stopped = None
    try:
        _run(walker, progress, kept, run)
        kept.unlink(missing_ok=True)
    except (KeyboardInterrupt, *FAULTS) as error:
        stopped = error
    print("\n".join(summary(progress.report, walker.kinds)))
    if stopped is not None:
        print(f"\nstopped ({stopped!r}); the same command continues", file=sys.stderr)
        return 2
    return int(progress.report.discrepancies > 0 and not options.fix)


def queue_everything(stack: Mapping[str, str]) -> int:
    """Queue all images of a stack, by its outputs, as fast as possible; returns their number."""
    queue = PacedQueue(UploadsQueue(stack["UploadsQueue"]), sys.maxsize)
    walker = Walker(checker(stack), queue, (LISTED,))
    progress = walker.begin()
    walker.run(progress)
    return progress.report.seen.total()


def checker(stack: Mapping[str, str], prefix: str = "") -> ConsistencyChecker:
    """The checker of a stack's buckets and index, by its outputs."""
    client = s3_connection.client()
    return ConsistencyChecker(
        Bucket(stack["ImagesBucket"], client, stack.get("ImagesPrefix", "")),
        Bucket(stack["ThumbnailsBucket"], client),
        vectors_of(stack),
        prefix,
    )


def summary(report: Report, kinds: tuple[str, ...]) -> Iterator[str]:
    """The lines that are printed: what was seen, the findings by kind, and what was queued."""
    if LISTED not in kinds:
        yield from (f"{report.seen[walk]:>10}  {walk}" for walk in WALKS)
        yield ""
        for kind, total in report.totals.items():
            keys = "  ".join(map(repr, report.first.get(kind, [])))
            yield f"{total:>10}  {kind:<20}  {keys}".rstrip()
        yield ""
    if kinds:
        yield f"queued {report.count(kinds)} keys"


def place_file(name: str) -> Path:
    """The file in which a run on a stack records its progress."""
    return ROOT / f".doctor-{name}.json"


def _kinds(options: argparse.Namespace) -> tuple[str, ...]:
    """The kinds of findings that are queued."""
    if options.everything:
        return (LISTED,)
    rejected = (REJECTED,) if options.rejected else ()
    return (*(REPAIRABLE if options.fix else ()), *rejected)


def _concurrency(name: str) -> int:
    """The most concurrent executions of the index function."""
    return int((cloudformation.parameters(name) or {})["IndexConcurrency"])


def _begun(kept: Path, run: str) -> Progress | None:
    """The progress that an earlier run of the same command recorded."""
    try:
        recorded: dict[str, Any] = json.loads(kept.read_text())
        if recorded["run"] != run:
            return None
        seen, totals, first = (recorded["report"][name] for name in ("seen", "totals", "first"))
        progress = Progress.at(recorded["place"], Report(Counter(seen), Counter(totals), first))
    except (FileNotFoundError, ValueError, KeyError):
        return None
    print(f"continuing after {progress.report.seen.total()} keys; delete {kept.name} to begin anew")
    return progress


def _run(walker: Walker, progress: Progress, kept: Path, run: str) -> None:
    """Run a walk with a progress bar, and record its progress after each page."""
    with tqdm(unit=" keys", initial=progress.report.seen.total(), leave=False) as bar:

        def moved(now: Progress, seen: int) -> None:
            _record(kept, {"run": run, "place": now.place, "report": vars(now.report)})
            bar.update(seen)

        walker.moved = moved
        walker.run(progress)


def _record(kept: Path, recorded: dict[str, Any]) -> None:
    """Replace the file atomically: a run that is killed here leaves the old or the new one."""
    new = kept.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(recorded))
    new.replace(kept)


def _options() -> argparse.Namespace:
    parser = arguments.parser("deploy.doctor", __doc__)
    parser.add_argument("--fix", action="store_true", help="queue the keys that differ")
    parser.add_argument("--rejected", action="store_true", help="queue the rejected images")
    parser.add_argument("--everything", action="store_true", help="queue all images, uncompared")
    parser.add_argument("--prefix", default="", help="only images whose keys begin with this")
    parser.add_argument("--other", action="store_true", help="the bundle that is not searched")
    return arguments.parsed(parser)


if __name__ == "__main__":
    sys.exit(main())
