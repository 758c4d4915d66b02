"""The handler of the doctor function, which queues the keys that differ.

An invocation compares as much as its time allows and returns where it stopped. A state machine
invokes it again with this result until nothing is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from image_search.consistency import REPAIRABLE, Agreement, Report
from image_search.uploads_queue import UploadsQueue

# The most time that a page of a thousand images takes while the services are slow.
_PAGE_MILLISECONDS = 60_000

# The template sets the name of the service.
logger = Logger()
metrics = Metrics(namespace="ImageSearch")

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def create_handler(agreement: Agreement, queue: UploadsQueue) -> Handler:
    """The handler that makes this comparison and uses this queue."""

    @logger.inject_lambda_context
    @metrics.log_metrics
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Continue from `place` ("" is the beginning); return the next one ("" is the end)."""
        report, place = _report(event), event["place"]
        before = report.differences
        for page in agreement.pages(place):
            queue.put(page.differing)
            report.add(page)
            place = page.following
            if context.get_remaining_time_in_millis() < _PAGE_MILLISECONDS:
                break
        metrics.add_metric("Differences", MetricUnit.Count, report.differences - before)
        progress = {"place": place, "seen": report.seen, "totals": report.totals}
        logger.info("compared", **progress, keys=report.first)
        return progress

    return handler


def _report(event: dict[str, Any]) -> Report:
    """The report of the earlier invocations."""
    totals = dict.fromkeys(REPAIRABLE, 0) | event.get("totals", {})
    return Report(Counter(event.get("seen", {})), Counter(totals))
