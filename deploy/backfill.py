"""Queue what a bucket holds, in parallel, and no faster than it is indexed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from threading import Condition, Event

from pydantic import BaseModel

from image_search.s3 import Bucket, ObjectInfo
from image_search.uploads_queue import UploadsQueue

# What S3 lists in one request, and what is done again after a kill.
_PAGE = 1000
# Pages on their way at the same time; each is a hundred requests to SQS, one after the other.
_WORKERS = 8
# Parts of the bucket that are listed side by side, a few for each worker: folders differ in size.
_RANGES = 64
_POLL_SECONDS = 1.0


class Range(BaseModel):
    """The keys after `after`, up to `last` and with it; "" is before the first, and the last."""

    after: str
    last: str
    seen: int = 0
    ended: bool = False

    def advance(self, seen: int, following: str) -> None:
        """So many objects are behind; "" follows where all are."""
        self.seen += seen
        self.after, self.ended = following, not following


class Plan(BaseModel):
    """The ranges of a bucket, and how far each has come."""

    what: str
    """Which images of which bucket; a plan of others is not gone on with."""
    ranges: list[Range]
    queued: int = 0

    @property
    def seen(self) -> int:
        """The number of images that were looked at."""
        return sum(part.seen for part in self.ranges)


def plan(what: str, bucket: Bucket, prefix: str) -> Plan:
    """Cut the keys that begin with a prefix where folders begin, into at most 64 ranges."""
    folders = sorted(_folders(bucket, prefix))
    step = max(1, -(-len(folders) // _RANGES))
    cuts = ["", *folders[step - 1 :: step][: _RANGES - 1], ""]
    return Plan(what=what, ranges=[Range(after=a, last=b) for a, b in pairwise(cuts)])


def _folders(bucket: Bucket, prefix: str) -> set[str]:
    """The folders under a prefix, as many levels deep as it takes to have enough."""
    found: set[str] = set()
    level = [prefix]
    while level and len(found) < _RANGES:
        level = [inner for outer in level for inner in bucket.folder_page(outer, "", _PAGE)[1]]
        found.update(level)
    return found


@dataclass
class Backfill:
    """Walks over the ranges of a plan and queues what is chosen of each page."""

    bucket: Bucket
    prefix: str
    queue: UploadsQueue
    most_waiting: int
    """Messages in the queue beyond which nothing is added: new uploads wait behind them."""
    chosen: Callable[[list[ObjectInfo]], list[str]]
    """The keys to queue of a page of objects."""
    moved: Callable[[Plan, int], None] = lambda plan, seen: None
    """Called after each page with the number of its objects, by one thread at a time."""
    stop: Event = field(default_factory=Event)
    """Set from outside, it ends the run after the pages that are on their way."""
    _lock: Condition = field(default_factory=Condition)
    _sending: int = 0

    def run(self, plan: Plan) -> None:
        """Go on with a plan until it ends, something fails or `stop` is set."""
        pool = ThreadPoolExecutor(_WORKERS)
        walks = [pool.submit(self._walk, plan, part) for part in plan.ranges]
        try:
            for walk in walks:
                walk.result()
        finally:
            self.stop.set()
            pool.shutdown(cancel_futures=True)

    def count(self, plan: Plan) -> int:
        """The number of objects in all; lists those that are left once more."""
        with ThreadPoolExecutor(_WORKERS) as pool:
            return sum(pool.map(self._count, plan.model_copy(deep=True).ranges))

    def _count(self, part: Range) -> int:
        while not part.ended and not self.stop.is_set():
            infos, following = self._page(part)
            part.advance(len(infos), following)
        return part.seen

    def _walk(self, plan: Plan, part: Range) -> None:
        while not part.ended:
            infos, following = self._page(part)
            keys = self.chosen(infos)
            if not self._room_for(len(keys)):
                return
            self.queue.put(keys)
            with self._lock:
                self._sending -= len(keys)
                plan.queued += len(keys)
                part.advance(len(infos), following)
                self.moved(plan, len(infos))

    def _page(self, part: Range) -> tuple[list[ObjectInfo], str]:
        """The next objects of a range, and the key after which it goes on ("" at its end)."""
        infos, following = self.bucket.page(self.prefix, part.after, _PAGE)
        inside = [info for info in infos if not part.last or info.key <= part.last]
        return inside, following if len(inside) == len(infos) else ""

    def _room_for(self, messages: int) -> bool:
        """Wait until so many messages may be added; False if the run is to stop."""
        with self._lock:
            while not self.stop.is_set():
                waiting = self._sending + (self.queue.waiting() if messages else 0)
                if not waiting or waiting + messages <= self.most_waiting:
                    self._sending += messages
                    return True
                self._lock.wait(_POLL_SECONDS)
        return False
