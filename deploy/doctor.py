"""`make doctor`: does the index agree with the bucket?

It reads page by page, in constant memory, and prints what differs; the exit status is 1 then. With
--fix it queues exactly those keys, and the index function does the rest. Uploads that are not
indexed yet look like differences, and queueing them again does no harm.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Mapping

from tqdm import tqdm

from deploy.cloudformation import outputs
from deploy.errors import FAULTS, explained
from deploy.stack import SECRET, outputs_of_other
from image_search import s3
from image_search.consistency import WALKS, Agreement, Page, Report
from image_search.pinecone_index import VectorIndex
from image_search.s3 import Bucket
from image_search.secrets import Secret
from image_search.uploads_queue import UploadsQueue


@explained("make doctor")
def main() -> int:
    """Compare; the exit status is 1 if something differs, 2 if it was not seen to the end."""
    options = _options()
    stack = (outputs_of_other if options.other else outputs)(options.name)
    queue = UploadsQueue(stack["UploadsQueue"])
    report, place, stopped = Report(), options.start, None
    try:
        for page in _shown(agreement(stack).pages(options.start)):
            if options.fix:
                queue.put(page.differing)
            report.add(page)
            place = page.following
    except (KeyboardInterrupt, *FAULTS) as error:
        stopped = error
    print("\n".join(table(report)))
    if stopped is not None:
        place = shlex.quote(place.replace("$", "$$"))  # which make and the shell undo
        print(f"\nstopped ({stopped!r}); go on with: make doctor FROM={place}", file=sys.stderr)
        return 2
    if options.fix:
        print(f"\nqueued {report.differences} keys")
    return int(report.differences > 0 and not options.fix)


def table(report: Report) -> Iterator[str]:
    """The lines that are printed."""
    yield from (f"{report.seen[walk]:>10}  {walk}" for walk in WALKS)
    yield ""
    for kind, total in report.totals.items():
        keys = "  ".join(map(repr, report.first[kind]))
        yield f"{total:>10}  {kind:<20}  {keys}".rstrip()


def agreement(stack: Mapping[str, str]) -> Agreement:
    """The buckets and the index of a stack, by its outputs."""
    client = s3.client()
    return Agreement(
        Bucket(stack["ImagesBucket"], client),
        Bucket(stack["ThumbnailsBucket"], client),
        VectorIndex(stack["IndexHost"], Secret(SECRET).value, stack["Bundle"]),
    )


def _shown(pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages, with a progress bar."""
    with tqdm(unit=" keys", leave=False) as bar:
        for page in pages:
            bar.set_description(page.walk)
            bar.update(page.seen)
            yield page


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.doctor", description=__doc__)
    parser.add_argument("--name", default="image-search", help="of the stack")
    parser.add_argument("--fix", action="store_true", help="queue the keys that differ")
    parser.add_argument("--other", action="store_true", help="the bundle beside the searched one")
    parser.add_argument("--from", dest="start", default="", help="where an earlier run stopped")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
