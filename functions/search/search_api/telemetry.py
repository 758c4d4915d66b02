"""The log and the metrics of the search function."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

# The template sets the name of the service.
logger = Logger()
metrics = Metrics(namespace="ImageSearch")
# Most routes have no metrics to publish.
warnings.filterwarnings("ignore", "No application metrics to publish")


def count_stages(timings_ms: Mapping[str, float]) -> None:
    """Publish the duration of each stage of a search."""
    for stage, elapsed in timings_ms.items():
        metrics.add_metric(f"{stage.capitalize()}Ms", MetricUnit.Milliseconds, elapsed)


def count_index_error(error: Exception) -> None:
    """Count a request to which the index did not respond, and log the cause."""
    metrics.add_metric("PineconeErrors", MetricUnit.Count, 1)
    logger.warning("the index did not respond", error=repr(error))
