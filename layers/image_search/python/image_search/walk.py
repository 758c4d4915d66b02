"""Walks over everything that is compared or queued: in ranges, in parallel, and resumable.

A walk over a bucket is cut where its folders begin, a walk over records or thumbnails by the first
digit of their ids. The ranges are processed concurrently, each page by page.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import astuple, dataclass, field
from itertools import pairwise
from threading import Event, Lock

from image_search.consistency import ConsistencyChecker, Finding, Report
from image_search.s3 import Bucket
from image_search.s3_objects import ObjectInfo
from image_search.uploads_queue import PacedQueue

IMAGES, RECORDS, THUMBNAILS = WALKS = ("images", "records", "thumbnails")
# The kind of every image if all of them are to be queued without a comparison.
LISTED = "listed"
# Page sizes: the most that S3 lists, and that Pinecone lists or fetches, in one request.
_OBJECTS, _RECORDS = 1000, 100
# Pages that are processed concurrently; each is up to a hundred requests to SQS, one by one.
_WORKERS = 8
# Ranges of the images bucket: a few for each worker, because folders differ in size.
_RANGES = 64
_DIGITS = "0123456789abcdef"


@dataclass
class Range:
    """A part of a walk that is not finished."""

    walk: str
    bound: str
    """The last key of a range of objects ("" is the end), or how the ids of its records begin."""
    cursor: str = ""
    """Where its next page begins: a key to begin after, or a token of Pinecone's."""


@dataclass
class Progress:
    """The ranges that are not finished, and what has been found so far."""

    ranges: list[Range]
    report: Report = field(default_factory=Report)

    @classmethod
    def at(cls, place: str, report: Report) -> Progress:
        """The progress from which `place` and `report` were taken.

        Raises:
            ValueError: `place` was never returned.
        """
        try:
            ranges = json.loads(zlib.decompress(b64decode(place, validate=True)))
            return cls([Range(*fields) for fields in ranges], report)
        except (TypeError, zlib.error) as error:
            raise ValueError(f"{place!r} is not a place in a walk") from error

    @property
    def place(self) -> str:
        """The unfinished ranges as ASCII text, at most 180 kB of it; "" at the end.

        Compressed, because Step Functions passes on 256 kB, and keys of control characters take
        six times their size in JSON.
        """
        ranges = json.dumps([astuple(part) for part in self.ranges])
        return b64encode(zlib.compress(ranges.encode())).decode() if self.ranges else ""


@dataclass
class Walker:
    """Compares everything, or lists all images, and queues the kinds of findings that it is given.

    A page is reported after its keys were queued. So a walk that was killed repeats at most one
    page of each worker.
    """

    checker: ConsistencyChecker
    queue: PacedQueue | None = None
    kinds: tuple[str, ...] = ()
    """Findings whose kind begins with one of these are queued; (LISTED,) compares nothing."""
    stopped: Callable[[], bool] = lambda: False
    """Called before each page; True ends the run after the pages that are being processed."""
    moved: Callable[[Progress, int], None] = lambda progress, seen: None
    """Called after each page with the number of its items, by one thread at a time."""
    _over: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def begin(self) -> Progress:
        """The progress of a walk that has seen nothing yet."""
        images = [
            Range(IMAGES, last, after)
            for after, last in pairwise(["", *_cuts(self.checker.images, self.checker.prefix), ""])
        ]
        if LISTED in self.kinds:
            return Progress(images)
        records = [Range(RECORDS, digit) for digit in _DIGITS]
        cuts = ["", *(f"thumbs/{digit}" for digit in _DIGITS[1:]), ""]
        thumbnails = [Range(THUMBNAILS, last, after) for after, last in pairwise(cuts)]
        return Progress([*images, *records, *thumbnails])

    def run(self, progress: Progress) -> None:
        """Continue until everything was seen, `stopped` returns True or a page fails."""
        self._over.clear()
        pool = ThreadPoolExecutor(_WORKERS)
        walks = [pool.submit(self._walk, progress, part) for part in list(progress.ranges)]
        try:
            wait(walks, return_when=FIRST_EXCEPTION)
        finally:
            self._over.set()
            pool.shutdown(cancel_futures=True)
        for walk in walks:
            if not walk.cancelled():
                walk.result()

    def _walk(self, progress: Progress, part: Range) -> None:
        more = True
        while more and not self._is_over():
            seen, findings, following = self._page(part)
            keys = [finding.key for finding in findings if finding.kind.startswith(self.kinds)]
            if self.queue and not self.queue.put(keys, self._is_over):
                return
            more = bool(following)
            with self._lock:
                part.cursor = following
                if not more:
                    progress.ranges.remove(part)
                progress.report.add(part.walk, seen, findings)
                self.moved(progress, seen)

    def _is_over(self) -> bool:
        return self._over.is_set() or self.stopped()

    def _page(self, part: Range) -> tuple[int, list[Finding], str]:
        """The size and the findings of the next page, and the cursor after it ("" at the end)."""
        if part.walk == RECORDS:
            records, following = self.checker.vectors.page(part.bound, part.cursor, _RECORDS)
            return len(records), self.checker.check_records(records), following
        of_images = part.walk == IMAGES
        bucket = self.checker.images if of_images else self.checker.thumbnails
        check = self._check_images if of_images else self.checker.check_thumbnails
        found, following = bucket.page(
            self.checker.prefix if of_images else "", part.cursor, _OBJECTS
        )
        infos = [info for info in found if not part.bound or info.key <= part.bound]
        return len(infos), check(infos), following if len(infos) == len(found) else ""

    def _check_images(self, infos: list[ObjectInfo]) -> list[Finding]:
        if LISTED in self.kinds:
            return [Finding(LISTED, info.key) for info in infos]
        return self.checker.check_images(infos)


def compare(checker: ConsistencyChecker) -> Report:
    """Everything compared at once; nothing is queued."""
    walker = Walker(checker)
    progress = walker.begin()
    walker.run(progress)
    return progress.report


def _cuts(bucket: Bucket, prefix: str) -> list[str]:
    """Keys that cut what begins with a prefix where folders begin, into at most 64 ranges."""
    folders = sorted(_folders(bucket, prefix))
    step = max(1, -(-len(folders) // _RANGES))
    return folders[step - 1 :: step][: _RANGES - 1]


def _folders(bucket: Bucket, prefix: str) -> set[str]:
    """The folders under a prefix, as many levels deep as it takes to have enough."""
    found: set[str] = set()
    level = [prefix]
    while level and len(found) < _RANGES:
        level = [inner for outer in level for inner in bucket.folder_page(outer, "", _OBJECTS)[1]]
        found.update(level)
    return found
