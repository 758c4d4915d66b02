"""How long it takes to index a bucket that is there, as the tables of docs/scale.md.

On paper, the rate is the least that any limit allows. Simulated, `make doctor EVERYTHING=1` fills
the queue, Lambda adds copies, each takes batches of ten, and Pinecone refuses what is above its
limits.
Measured is what `bench.cost` says so; the limits are the services' documented ones.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

from bench.cost import BATCH, EMBED_MS, RECORD_KB, S3_READS, THUMBNAIL_MS, WAIT_MS, indexing
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
START_SECONDS = 1.3  # of a copy: README
# ---- measured: CPU of a photograph of 12 MP, and ten quantiles of 108 of them by their mean ------
CPU_MS = EMBED_MS["12 MP"] + THUMBNAIL_MS
SPREAD = (0.95, 0.97, 0.98, 0.99, 1.0, 1.0, 1.01, 1.02, 1.03, 1.05)

SIZES = (1_000_000, 10_000_000, 100_000_000)
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

    env: simpy.Environment
    limit: float
    second: int = -1
    taken: int = 0

    def takes(self) -> bool:
        """Whether a request is answered; else it is refused with 429."""
        if int(self.env.now) != self.second:
            self.second, self.taken = int(self.env.now), 0
        self.taken += 1
        return self.taken <= self.limit


@dataclass
class Backfill:
    """Images of a bucket on their way through the queue."""

    images: int
    copies: int
    pinecone: int = 1
    random: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311
    indexed: int = 0
    dead: int = 0
    refused: int = 0
    """Batches that Pinecone refused, with all retries."""
    seconds: float = 0

    def __post_init__(self) -> None:
        """Nothing has happened yet."""
        self.env = simpy.Environment()
        limit = self.pinecone * PINECONE_REQUESTS
        self.fetches, self.upserts = Limiter(self.env, limit), Limiter(self.env, limit)
        self.unsent = self.images
        self.queue: deque[int] = deque()
        """How often each message that waits was tried."""

    def run(self) -> Backfill:
        """Until every image is indexed or dead."""
        self.env.process(self._lambda())
        self.env.process(self._doctor())
        self.env.run()
        return self

    @property
    def _left(self) -> int:
        return self.images - self.indexed - self.dead

    def _doctor(self) -> Generator[Any]:
        while self.unsent:
            room = max(0, self.copies * WAITING_PER_EXECUTION - len(self.queue))
            sent = min(self.unsent, room)
            self.unsent -= sent
            self.queue.extend([0] * sent)
            yield self.env.timeout(1)

    def _lambda(self) -> Generator[Any]:
        for number in range(self.copies):
            self.env.process(self._copy())
            if number >= FIRST_COPIES:
                yield self.env.timeout(1 / MORE_COPIES_A_SECOND)

    def _copy(self) -> Generator[Any]:
        yield self.env.timeout(START_SECONDS)
        while self._left:
            batch = [self.queue.popleft() for _ in range(min(BATCH, len(self.queue)))]
            if not batch:
                yield self.env.timeout(1)
            elif (yield from self._worked(len(batch))):
                self.indexed += len(batch)
                self.seconds = self.env.now
            else:
                self.refused += 1
                self.env.process(self._later(batch))

    def _worked(self, images: int) -> Generator[Any, Any, bool]:
        if not (yield from self._asked(self.fetches)):
            return False
        ms = sum(CPU_MS * self.random.choice(SPREAD) for _ in range(images))
        waits = sum(self.random.expovariate(1 / WAIT_MS) for _ in range(images))
        yield self.env.timeout((ms + waits) / 1000)
        return (yield from self._asked(self.upserts))

    def _asked(self, limiter: Limiter) -> Generator[Any, Any, bool]:
        wait = FIRST_WAIT
        for _ in range(RETRIES):
            if limiter.takes():
                return True
            wait = self.random.uniform(FIRST_WAIT, 3 * wait)
            yield self.env.timeout(wait)
        return limiter.takes()

    def _later(self, batch: list[int]) -> Generator[Any]:
        yield self.env.timeout(HIDDEN_SECONDS)
        self.dead += sum(tried + 1 >= TRIES for tried in batch)
        self.queue.extend(tried + 1 for tried in batch if tried + 1 < TRIES)


def tables() -> str:
    """Everything, in Markdown."""
    return "\n\n".join([_paper(), _costs(), _simulated()])


def _paper() -> str:
    rows = ["| copies | images a second | what binds | 1 million | 10 million | 100 million |"]
    for case in CASES:
        limit, rate = min(allowed(*case).items(), key=lambda item: item[1])
        times = " | ".join(_time(images / rate) for images in SIZES)
        rows.append(f"| {_name(*case)} | {rate:,.0f} | {limit} | {times} |")
    return _table(rows)


def _costs() -> str:
    dollars = " | ".join(f"{sum(indexing(images).values()):,.0f}" for images in SIZES)
    return _table(["| | 1 million | 10 million | 100 million |", f"| cost, $ | {dollars} |"])


def _simulated() -> str:
    rows = ["| copies | 1 million | images a second | on paper | batches refused | dead letters |"]
    for copies, pinecone in CASES:
        if pinecone > 1:
            continue  # S3, which binds then, is not simulated
        done = Backfill(SIZES[0], copies).run()
        rate, paper = done.indexed / done.seconds, min(allowed(copies).values())
        counts = f"{paper:,.0f} | {done.refused:,} | {done.dead:,}"
        rows.append(f"| {copies} | {_time(done.seconds)} | {rate:,.0f} | {counts} |")
    return _table(rows)


def _name(copies: int, pinecone: int) -> str:
    return f"{copies:,}" if pinecone == 1 else f"{copies:,}, and {pinecone} × Pinecone's requests"


def _time(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3600)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds / 60:.0f} min"


def _table(rows: list[str]) -> str:
    return "\n".join([rows[0], "|---" * (rows[0].count("|") - 1) + "|", *rows[1:]])


if __name__ == "__main__":
    print(tables())
