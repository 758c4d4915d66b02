"""The doctor function: compare bucket and index, and queue what differs.

An invocation goes as far as its time allows and answers where it stopped; a state machine calls it
again with that answer until nothing is left.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from image_search import services
from image_search.consistency import MENDABLE, Report

# What a page of a thousand images may take at the most, while services are slow.
_PAGE_MILLISECONDS = 60_000

# The template names the service.
logger = Logger()
metrics = Metrics(namespace="ImageSearch")


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Go on from `place` ("" is the beginning); answer the next one ("" is the end) and totals."""
    report, place = _report(event), event["place"]
    before, queue = report.differences, services.uploads_queue()
    for page in services.agreement().pages(place):
        queue.put(page.differing)
        report.add(page)
        place = page.following
        if context.get_remaining_time_in_millis() < _PAGE_MILLISECONDS:
            break
    metrics.add_metric("Differences", MetricUnit.Count, report.differences - before)
    logger.info("compared", place=place, seen=report.seen, totals=report.totals, keys=report.first)
    return {"place": place, "seen": report.seen, "totals": report.totals}


def _report(event: dict[str, Any]) -> Report:
    """What earlier invocations answered."""
    totals = dict.fromkeys(MENDABLE, 0) | event.get("totals", {})
    return Report(Counter(event.get("seen", {})), Counter(totals))
