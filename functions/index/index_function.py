"""The handler of the index function: it takes a batch of events and reports those to retry."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from image_search.errors import VectorIndexError
from image_search.index_writer import Outcome
from image_search.indexing import Indexer

# The template sets the name of the service.
logger = Logger()
metrics = Metrics(namespace="ImageSearch")
# The outcomes that the dashboard shows.
_COUNTED = ("indexed", "deleted", "rejected", "failed")

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def create_handler(indexers: Sequence[Indexer]) -> Handler:
    """The handler that runs these indexers, one for each bundle."""
    timed_indexers = [replace(indexer, timed=_timed) for indexer in indexers]

    def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
        """Reconcile the keys of all messages together and report the messages to retry."""
        keys = {record.message_id: _key(record) for record in SQSEvent(event).records}
        present = {key for key in keys.values() if key is not None}
        outcomes = _reconcile(timed_indexers, present)
        _count(outcome for _, outcome in outcomes)
        for key, outcome in outcomes:
            _log(key, outcome)
        failed = {key for key, outcome in outcomes if outcome.state == "failed"}
        retried = [message for message, key in keys.items() if key is None or key in failed]
        return {"batchItemFailures": [{"itemIdentifier": message} for message in retried]}

    measured = metrics.log_metrics(handler, capture_cold_start_metric=True)
    logged: Handler = logger.inject_lambda_context(measured)
    return logged


@contextmanager
def _timed(stage: str) -> Iterator[None]:
    """Publish the duration of one stage of one batch."""
    start = time.perf_counter()
    yield
    elapsed = (time.perf_counter() - start) * 1000
    metrics.add_metric(f"{stage}Ms", MetricUnit.Milliseconds, elapsed)


def _reconcile(indexers: Iterable[Indexer], keys: set[str]) -> list[tuple[str, Outcome]]:
    """The outcome of each key in the namespace of each bundle."""
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
    """The key that a message names; None if it is not an event about an object.

    Keys are not encoded in EventBridge:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    try:
        key = json.loads(record.body)["detail"]["object"]["key"]
    except (ValueError, LookupError, TypeError):
        key = None
    if not isinstance(key, str):
        # The queue moves the message to the dead-letter queue after the last retry.
        logger.error("not an event about an object", message_id=record.message_id)
        return None
    return key


def _log(key: str, outcome: Outcome) -> None:
    if outcome.error is None:
        logger.info(outcome.state, key=key)
    else:
        logger.warning(outcome.state, key=key, error=repr(outcome.error))
