"""What the system costs and how long a backfill takes: tables of docs/cost.md and docs/scale.md.

Dollars of us-east-1 without tax, discounts and free tiers. What is assumed is marked so; the rest
is measured (docs/performance.md, two cores of an x86-64 server) or a list price.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench.measure import table

# ---- measured ----------------------------------------------------------------------------------
# An image of 12 MP in the index function: CPU with all requests, and its share of a batch's waiting
# for requests of 20 ms each: bench.indexing.
INDEX_MS, WAIT_MS = 96.0, 9
SEARCH_MS = 10.0  # CPU, text to vector: 4 to 10
COMPARE_MS = 5.0  # doctor, an image, with the emulator beside it: make load
THUMBNAIL_MB = 0.017
# ---- assumed, not verified on AWS --------------------------------------------------------------
ANSWER_MS = 75  # waiting for Pinecone, and the rest of an answer
IMAGE_MB = 3.0  # a photograph of 12 MP
PAGE_MB = 24 * THUMBNAIL_MB  # the thumbnails of one answer
COLD = 0.1  # the share of answers that begin with a cold start
COLD_MS = 1000  # what it takes to start, as bench.cold_start measures it here
MISSES = 0.5  # thumbnails that CloudFront fetches from S3
# ---- what the template and the library say -----------------------------------------------------
MEMORY_GB = 1769 / 1024
BATCH = 10
RECORD_KB = 2.4  # 512 numbers of four bytes, and metadata
S3_READS = 3  # of a new image: a look, the bytes, another look
# Lambda asks an empty queue with five connections, each of which waits for 20 seconds.
POLLS = 5 * 3 * 60 * 24 * 30
LOG_KB = 1.0  # of an image or an answer

HOURS = 730  # of a month


# US dollars for one unit; docs/cost.md says when they were read.
PRICES = {
    "lambda_seconds": (0.0000133334, "Lambda, GB-second on arm64"),
    "lambda_requests": (0.20e-6, "Lambda, request"),
    "snapshots": (6.70, "SnapStart, version kept for a month"),
    "restores": (0.24e-3, "SnapStart, restore"),
    "s3_gb": (0.023, "S3, GB for a month"),
    "s3_puts": (5e-6, "S3, PUT"),
    "s3_gets": (0.4e-6, "S3, GET or HEAD"),
    "sqs_requests": (0.40e-6, "SQS, request"),
    "events": (1.00e-6, "EventBridge, event of S3"),
    "api_requests": (1.00e-6, "HTTP API, request"),
    "cloudfront_requests": (1.00e-6, "CloudFront, request"),
    "cloudfront_gb": (0.085, "CloudFront, GB sent"),
    "log_gb": (0.50, "CloudWatch, GB of logs"),
    "alarms": (0.10, "CloudWatch, alarm for a month"),
    "metrics": (0.30, "CloudWatch, metric for a month"),
    "secrets": (0.40, "Secrets Manager, secret for a month"),
    "pinecone_gb": (0.33, "Pinecone, GB for a month"),
    "pinecone_writes": (4.00e-6, "Pinecone, write unit"),
    "pinecone_reads": (16.00e-6, "Pinecone, read unit"),
}
# Kept by the template; a metric costs for the hours in which something is measured.
ALARMS, METRICS = 9, 13
# Always on, for a month.
_SERVERS = 2 * (0.03238 + 2 * 0.00356) * HOURS + 0.0225 * HOURS  # two Fargate tasks, load balancer
ALTERNATIVES = {
    "one EC2 t4g.medium, index in its memory (to about 1 M images)": 0.0336 * HOURS + 2.40,
    "two Fargate tasks (1 vCPU, 2 GB), load balancer, Pinecone": _SERVERS,
    "the same with OpenSearch, two t3.medium.search": _SERVERS + 2 * 0.073 * HOURS,
    "the same with OpenSearch Serverless, 2 units": _SERVERS + 2 * 0.24 * HOURS,
}

# ---- limits, as documented ---------------------------------------------------------------------
# https://docs.pinecone.io/reference/api/database-limits/rate-limits: fetches of an index, and
# upserts of a namespace, a second; and what a namespace takes in that time.
PINECONE_REQUESTS, PINECONE_MB = 100, 50
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
PREFIX_READS, PREFIX_WRITES = 5500, 3500

BACKFILLS = (1_000_000, 10_000_000, 100_000_000)
_SIZE_NAMES = ("1 million", "10 million", "100 million")
# Concurrent executions of the index function, and how many times Pinecone's default limit.
CASES = {str(executions): (executions, 1) for executions in (10, 50, 100, 200)}
CASES["200, and 10 × Pinecone's requests"] = (200, 10)

SIZES = (1_000, 100_000, 10_000_000)
Cost = dict[str, float]


def cost(**units: float) -> float:
    """Dollars for units of PRICES."""
    return sum(PRICES[name][0] * amount for name, amount in units.items())


def indexing(images: int) -> Cost:
    """Once, for new images."""
    seconds = images * (INDEX_MS + WAIT_MS) / 1000
    batches = images / BATCH
    return {
        "Lambda": cost(lambda_seconds=seconds * MEMORY_GB, lambda_requests=batches),
        "S3": cost(s3_puts=2 * images, s3_gets=S3_READS * images),
        "EventBridge, SQS": cost(events=images, sqs_requests=images + 2 * batches),
        "Pinecone": cost(pinecone_writes=images * RECORD_KB, pinecone_reads=images / BATCH),
        "CloudWatch": cost(log_gb=images * LOG_KB / 1e6),
    }


def comparing(images: int) -> Cost:
    """Doctor, once: lists, two heads of each image, its record three times."""
    return {
        "Lambda": cost(lambda_seconds=images * COMPARE_MS / 1000 * MEMORY_GB),
        "S3": cost(s3_puts=2 * images / 1000, s3_gets=2 * images),
        "Pinecone": cost(pinecone_reads=3 * images / 10),
    }


def searching(searches: int, images: int) -> Cost:
    """A month of searches by words in an index of `images`."""
    seconds = searches * (SEARCH_MS + ANSWER_MS + COLD * COLD_MS) / 1000
    thumbnails = 24 * searches
    return {
        "Lambda": cost(lambda_seconds=seconds * MEMORY_GB, lambda_requests=searches),
        "API": cost(api_requests=searches),
        "CloudFront": cost(
            cloudfront_requests=searches + thumbnails, cloudfront_gb=searches * PAGE_MB / 1000
        ),
        "S3": cost(s3_gets=MISSES * thumbnails),
        "Pinecone": cost(pinecone_reads=searches * max(0.25, stored_gb(images))),
        "CloudWatch": cost(
            log_gb=2 * searches * LOG_KB / 1e6, metrics=METRICS * min(1, searches / HOURS)
        ),
    }


def idle(images: int) -> Cost:
    """A month in which nobody comes."""
    return {
        "CloudWatch": cost(alarms=ALARMS),
        "secret": cost(secrets=1),
        "SQS": cost(sqs_requests=POLLS),
        "S3": cost(s3_gb=images * (IMAGE_MB + THUMBNAIL_MB) / 1000),
        "Pinecone": cost(pinecone_gb=stored_gb(images)),
    }


def stored_gb(images: int) -> float:
    """What Pinecone stores."""
    return images * RECORD_KB / 1e6


def tables() -> str:
    """Everything, in Markdown."""
    searches = {f"{n:,} searches": searching(n, 100_000) for n in SIZES}
    always_on = {name: [f"**{_dollars(usd)}**"] for name, usd in ALTERNATIVES.items()}
    parts = [
        _table("Index, once", {f"{n:,} images": indexing(n) for n in SIZES}),
        _table("Search 100,000 images, a month", searches),
        _table("Compare, each time", {f"{n:,} images": comparing(n) for n in SIZES}),
        _table("Keep, a month", {f"{n:,} images": idle(n) for n in SIZES}),
        table(["Always on, a month", "$"], always_on),
    ]
    return "\n\n".join(parts)


def prices() -> str:
    """What the tables multiply with."""
    rows = {unit: [f"{usd:.10f}".rstrip("0")] for usd, unit in PRICES.values()}
    return table(["unit", "$"], rows)


def allowed(executions: int, pinecone: int = 1) -> dict[str, float]:
    """Images a second that each limit allows; `pinecone` times its default limits."""
    return {
        "executions": executions * 1000 / (INDEX_MS + WAIT_MS),
        "Pinecone's requests": pinecone * PINECONE_REQUESTS * BATCH,
        "Pinecone's bytes": PINECONE_MB * 1000 / RECORD_KB,
        "S3's reads of a prefix": PREFIX_READS / S3_READS,
        "S3's writes of thumbnails": float(PREFIX_WRITES),
    }


def backfills() -> str:
    """How long it takes to index a bucket that is there: the least that any limit allows."""
    rows = {}
    for name, case in CASES.items():
        limit, rate = min(allowed(*case).items(), key=lambda item: item[1])
        times = (_time(images / rate) for images in BACKFILLS)
        rows[name] = [f"{rate:,.0f}", limit, *times]
    dollars = [f"{sum(indexing(images).values()):,.0f}" for images in BACKFILLS]
    return "\n\n".join(
        [
            table(["executions", "images a second", "limited by", *_SIZE_NAMES], rows),
            table(["", *_SIZE_NAMES], {"cost, $": dollars}),
        ]
    )


def _table(title: str, costs: Mapping[str, Cost]) -> str:
    names = list(dict.fromkeys(name for one in costs.values() for name in one))
    rows = {
        name: [f"**{_dollars(sum(one.values()))}**", *(_dollars(one[part]) for part in names)]
        for name, one in costs.items()
    }
    return table([title, "$", *names], rows)


def _dollars(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:,.2f}"


def _time(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3600)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds / 60:.0f} min"


if __name__ == "__main__":
    print(f"{tables()}\n\n{prices()}\n\n{backfills()}")
