"""What the function tells of itself: a log, and the numbers of the dashboard."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

# The template names the service.
logger = Logger()
metrics = Metrics(namespace="ImageSearch")
# A list of images has no stages to tell of.
warnings.filterwarnings("ignore", "No application metrics to publish")


def count_stages(timings_ms: Mapping[str, float]) -> None:
    """Tell how long each stage of a search took."""
    for stage, elapsed in timings_ms.items():
        metrics.add_metric(f"{stage.capitalize()}Ms", MetricUnit.Milliseconds, elapsed)


def count_index_error(error: Exception) -> None:
    """Tell that the index did not answer, and why."""
    metrics.add_metric("PineconeErrors", MetricUnit.Count, 1)
    logger.warning("the index did not answer", error=repr(error))
