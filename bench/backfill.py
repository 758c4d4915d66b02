"""How long it takes to index a bucket that is there, as the tables of docs/scale.md.

On paper, the rate is the least that any limit allows. Simulated, `make doctor EVERYTHING=1` fills
the queue, Lambda adds copies, each takes batches of ten, and Pinecone refuses what is above its
limits. Measured is what `bench.cost` says so; the limits are the services' documented ones.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

from bench.cost import BATCH, EMBED_MS, RECORD_KB, S3_READS, THUMBNAIL_MS, WAIT_MS, indexing
from bench.measure import table
from image_search.uploads_queue import WAITING_PER_EXECUTION

# ---- limits, as documented ---------------------------------------------------------------------
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
FIRST_COPIES, MORE_COPIES_A_SECOND = 5, 300 / 60
# https://docs.pinecone.io/reference/api/database-limits/rate-limits: fetches of an index, and
# upserts of a namespace, a second; and what a namespace takes in that time.
PINECONE_REQUESTS, PINECONE_MB = 100, 50
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
PREFIX_READS, PREFIX_WRITES = 5500, 3500
# ---- what the code does ------------------------------------------------------------------------
TRIES, HIDDEN_SECONDS = 5, 360  # of a message: template.yaml
RETRIES, FIRST_WAIT = 3, 0.25  # of a request that Pinecone refuses: its SDK
START_SECONDS = 1.3  # of a copy: bench.cold_start, docs/performance.md
CPU_MS = EMBED_MS["12 MP"] + THUMBNAIL_MS  # of a photograph, measured

SIZES = (1_000_000, 10_000_000, 100_000_000)
_SIZE_NAMES = ("1 million", "10 million", "100 million")
# Copies of the index function, and how many times Pinecone's default limit of requests.
CASES = ((10, 1), (50, 1), (100, 1), (200, 1), (200, 10))


def allowed(copies: int, pinecone: int = 1) -> dict[str, float]:
    """Images a second that each limit allows; `pinecone` times its default limits."""
    return {
        "copies": copies * 1000 / (CPU_MS + WAIT_MS),
        "Pinecone's requests": pinecone * PINECONE_REQUESTS * BATCH,
        "Pinecone's bytes": PINECONE_MB * 1000 / RECORD_KB,
        "S3's reads of a prefix": PREFIX_READS / S3_READS,
        "S3's writes of thumbnails": float(PREFIX_WRITES),
    }


@dataclass
class Limiter:
    """So many requests in each second, and no more."""

    limit: float
    second: int = -1
    taken: int = 0

    def takes(self, now: float) -> bool:
        """Whether a request is answered; else it is refused with 429."""
        if int(now) != self.second:
            self.second, self.taken = int(now), 0
        self.taken += 1
        return self.taken <= self.limit


# A process of the simulation: it yields the seconds that it waits.
Process: TypeAlias = Generator[float, None, None]


@dataclass
class Backfill:
    """Batches of images on their way through the queue."""

    images: int
    copies: int
    batches: deque[int] = field(default_factory=deque)
    """How often each batch that waits was tried."""
    indexed: int = 0
    dead: int = 0
    refused: int = 0
    """Batches that Pinecone refused, with all retries."""
    now: float = 0
    seconds: float = 0

    def run(self) -> Backfill:
        """Until every image is indexed or in the dead-letter queue."""
        self._random = random.Random(1)  # noqa: S311
        self._fetches, self._upserts = Limiter(PINECONE_REQUESTS), Limiter(PINECONE_REQUESTS)
        self._processes: list[tuple[float, int, Process]] = []
        self._numbers = count()
        self._begin(self._doctor())
        self._begin(self._lambda())
        while self._processes:
            self.now, _, process = heappop(self._processes)
            if (wait := next(process, None)) is not None:
                heappush(self._processes, (self.now + wait, next(self._numbers), process))
        return self

    def _begin(self, process: Process) -> None:
        heappush(self._processes, (self.now, next(self._numbers), process))

    def _doctor(self) -> Process:
        unsent = self.images // BATCH
        while unsent:
            room = self.copies * WAITING_PER_EXECUTION // BATCH - len(self.batches)
            sent = min(unsent, max(0, room))
            unsent -= sent
            self.batches.extend([0] * sent)
            yield 1

    def _lambda(self) -> Process:
        for number in range(self.copies):
            self._begin(self._copy())
            if number >= FIRST_COPIES:
                yield 1 / MORE_COPIES_A_SECOND

    def _copy(self) -> Process:
        yield START_SECONDS
        while self.indexed + self.dead < self.images:
            if not self.batches:
                yield 1
                continue
            tried = self.batches.popleft()
            if (yield from self._worked()):
                self.indexed += BATCH
                self.seconds = self.now
            else:
                self.refused += 1
                self._begin(self._later(tried + 1))

    def _worked(self) -> Generator[float, None, bool]:
        if not (yield from self._asked(self._fetches)):
            return False
        waits = self._random.gammavariate(BATCH, WAIT_MS)  # the sum of exponential ones
        yield (BATCH * CPU_MS + waits) / 1000
        return (yield from self._asked(self._upserts))

    def _asked(self, limiter: Limiter) -> Generator[float, None, bool]:
        wait = FIRST_WAIT
        for _ in range(RETRIES):
            if limiter.takes(self.now):
                return True
            wait = self._random.uniform(FIRST_WAIT, 3 * wait)
            yield wait
        return limiter.takes(self.now)

    def _later(self, tried: int) -> Process:
        yield HIDDEN_SECONDS
        if tried == TRIES:
            self.dead += BATCH
        else:
            self.batches.append(tried)


def tables() -> str:
    """Everything, in Markdown."""
    return "\n\n".join([_paper(), _costs(), _simulated()])


def _paper() -> str:
    rows = {}
    for case in CASES:
        limit, rate = min(allowed(*case).items(), key=lambda item: item[1])
        times = (_time(images / rate) for images in SIZES)
        rows[_name(*case)] = [f"{rate:,.0f}", limit, *times]
    return table(["copies", "images a second", "what binds", *_SIZE_NAMES], rows)


def _costs() -> str:
    dollars = [f"{sum(indexing(images).values()):,.0f}" for images in SIZES]
    return table(["", *_SIZE_NAMES], {"cost, $": dollars})


def _simulated() -> str:
    rows = {}
    for copies, pinecone in CASES:
        if pinecone > 1:
            continue  # S3, which binds then, is not simulated
        done = Backfill(SIZES[0], copies).run()
        rate, paper = done.indexed / done.seconds, min(allowed(copies).values())
        counts = [f"{number:,.0f}" for number in (rate, paper, done.refused, done.dead)]
        rows[str(copies)] = [_time(done.seconds), *counts]
    head = ["copies", _SIZE_NAMES[0], "images a second", "on paper", "batches refused"]
    return table([*head, "dead letters"], rows)


def _name(copies: int, pinecone: int) -> str:
    return f"{copies:,}" if pinecone == 1 else f"{copies:,}, and {pinecone} × Pinecone's requests"


def _time(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3600)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    print(tables())
