"""The handler of the doctor function, which queues the keys that differ.

An invocation goes as far as its time allows and returns the place where it stopped. A state machine
invokes it again with that place until nothing is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from image_search.consistency import REPAIRABLE, ConsistencyChecker, Report
from image_search.uploads_queue import PacedQueue
from image_search.walk import Progress, Walker

# The time that an invocation keeps for one more page: a thousand images take less, even while
# services are slow.
_PAGE_MILLISECONDS = 60_000

# The template sets the name of the service.
logger = Logger()
metrics = Metrics(namespace="ImageSearch")

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


def create_handler(checker: ConsistencyChecker, queue: PacedQueue) -> Handler:
    """The handler that compares with this checker and adds to this queue."""

    @logger.inject_lambda_context
    @metrics.log_metrics
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Continue from `place` ("" is the beginning), and return the next one ("" is the end)."""
        walker = Walker(
            checker,
            queue,
            REPAIRABLE,
            stopped=lambda: context.get_remaining_time_in_millis() < _PAGE_MILLISECONDS,
        )
        progress = Progress.at(event["place"], _report(event)) if event["place"] else walker.begin()
        report, before = progress.report, progress.report.discrepancies
        walker.run(progress)
        metrics.add_metric("Differences", MetricUnit.Count, report.discrepancies - before)
        answer: dict[str, Any] = {
            "place": progress.place,
            "seen": report.seen,
            "totals": report.totals,
        }
        logger.info("compared", **answer, keys=report.first)
        return answer

    return handler


def _report(event: dict[str, Any]) -> Report:
    """The totals that earlier invocations returned."""
    return Report(Counter(event["seen"]), Counter(event["totals"]))
