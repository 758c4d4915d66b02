"""How long it takes to index a bucket that is there, as the tables of docs/scale.md.

The rate is the least that any limit allows. Measured is what `bench.cost` says so; the limits are
the services' documented ones.
"""

from __future__ import annotations

from bench.cost import BATCH, EMBED_MS, RECORD_KB, S3_READS, THUMBNAIL_MS, WAIT_MS, indexing
from bench.measure import table

# ---- limits, as documented ---------------------------------------------------------------------
# https://docs.pinecone.io/reference/api/database-limits/rate-limits: fetches of an index, and
# upserts of a namespace, a second; and what a namespace takes in that time.
PINECONE_REQUESTS, PINECONE_MB = 100, 50
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
PREFIX_READS, PREFIX_WRITES = 5500, 3500

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


def tables() -> str:
    """Everything, in Markdown."""
    return f"{_paper()}\n\n{_costs()}"


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


def _name(copies: int, pinecone: int) -> str:
    return f"{copies:,}" if pinecone == 1 else f"{copies:,}, and {pinecone} × Pinecone's requests"


def _time(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3600)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    print(tables())
