"""What Lambda passes to the functions: contexts and events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Context:
    """What Powertools reads of Lambda's context."""

    function_name: str = "function"
    memory_limit_in_mb: int = 1769
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:function"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"
    log_stream_name: str = "2026/01/01/[$LATEST]0123"
    milliseconds: int = 900_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def sample_event(name: str) -> dict[str, Any]:
    """`events/<name>.json`, which people hand to `sam local invoke`."""
    return dict(json.loads((ROOT / "events" / f"{name}.json").read_text()))


def metrics(output: str) -> dict[str, list[float]]:
    """What CloudWatch reads of a log: the values of each metric, by name."""
    values: dict[str, list[float]] = {}
    for line in (json.loads(line) for line in output.splitlines() if '"_aws"' in line):
        for group in line["_aws"]["CloudWatchMetrics"]:
            assert group["Namespace"] == "ImageSearch"
            for metric in group["Metrics"]:
                values.setdefault(metric["Name"], []).extend(line[metric["Name"]])
    return values


def sqs_event(**bodies: Any) -> dict[str, Any]:
    """Messages by id; bodies other than text are sent as JSON."""
    return {
        "Records": [
            {
                "messageId": message,
                "body": body if isinstance(body, str) else json.dumps(body),
                "eventSource": "aws:sqs",
            }
            for message, body in bodies.items()
        ]
    }


def s3_event(key: str, kind: str = "Object Created") -> dict[str, Any]:
    """What EventBridge delivers about an object: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html."""
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": kind,
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:s3:::images"],
        "detail": {
            "version": "0",
            "bucket": {"name": "images"},
            "object": {"key": key, "size": 5, "etag": "e", "sequencer": "617f08299329d189"},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
        },
    }


def http_event(
    method: str,
    path: str,
    query: Mapping[str, str | list[str]] | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A request as an HTTP API hands it over: the path is decoded."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}, doseq=True),
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": {"stage": "$default", "http": {"method": method, "path": path}},
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
