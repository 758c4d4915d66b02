"""The index function: a batch of events about images in, the messages to try again out."""

from __future__ import annotations

from image_search import downloads

# They come while the rest is imported.
downloads.fetch("model.json", "vision.onnx")

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from image_search import services
from image_search.errors import VectorIndexError
from image_search.indexing import Outcome

# The template names the service.
logger = Logger()
metrics = Metrics(namespace="ImageSearch")
# What the dashboard counts.
_COUNTED = ("indexed", "deleted", "rejected", "failed")


@contextmanager
def _timed(stage: str) -> Iterator[None]:
    """Measure one stage of one batch."""
    start = time.perf_counter()
    yield
    elapsed = (time.perf_counter() - start) * 1000
    metrics.add_metric(f"{stage}Ms", MetricUnit.Milliseconds, elapsed)


# Loaded before the first event, and before a SnapStart snapshot is taken.
indexers = [replace(indexer, timed=_timed) for indexer in services.indexers()]


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Reconcile the keys of all messages together; answer which messages must come again."""
    keys = {record.message_id: _key(record) for record in SQSEvent(event).records}
    outcomes = _reconcile({key for key in keys.values() if key is not None})
    _count(outcome for _, outcome in outcomes)
    for key, outcome in outcomes:
        _log(key, outcome)
    failed = {key for key, outcome in outcomes if outcome.state == "failed"}
    again = [message for message, key in keys.items() if key is None or key in failed]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in again]}


def _reconcile(keys: set[str]) -> list[tuple[str, Outcome]]:
    """What became of the keys, in the namespace of each bundle."""
    try:
        return [item for indexer in indexers for item in indexer.reconcile(keys).items()]
    except VectorIndexError:
        metrics.add_metric("PineconeErrors", MetricUnit.Count, 1)
        raise


def _count(outcomes: Iterable[Outcome]) -> None:
    counts: Counter[str] = Counter(outcome.state for outcome in outcomes)
    for state in _COUNTED:
        metrics.add_metric(f"Images{state.capitalize()}", MetricUnit.Count, counts[state])


def _key(record: SQSRecord) -> str | None:
    """The key that a message names; None where it is no event about an object.

    Such a message fails until it is in the dead-letter queue. Keys are not encoded in EventBridge:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    try:
        key = json.loads(record.body)["detail"]["object"]["key"]
    except (ValueError, LookupError, TypeError):
        key = None
    if not isinstance(key, str):
        logger.error("not an event about an object", message_id=record.message_id)
        return None
    return key


def _log(key: str, outcome: Outcome) -> None:
    if outcome.error is None:
        logger.info(outcome.state, key=key)
    else:
        logger.warning(outcome.state, key=key, error=repr(outcome.error))
