"""What the functions are asked, and what they should answer."""

from __future__ import annotations

import json
from typing import Any

from image_search.uploads_queue import event


def search() -> dict[str, Any]:
    """A request of the HTTP API."""
    return {
        "version": "2.0",
        "rawPath": "/api/search",
        "rawQueryString": "text=a+mountain",
        "queryStringParameters": {"text": "a mountain"},
        "headers": {},
        "requestContext": {
            "stage": "$default",
            "http": {"method": "GET", "path": "/api/search"},
        },
        "isBase64Encoded": False,
    }


def upload(key: str) -> dict[str, Any]:
    """A message of the uploads queue."""
    return {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": event(key)}]}


def worked(function: str, body: bytes) -> bool:
    """Whether an answer is as it should be."""
    answer: dict[str, Any] = json.loads(body)
    if function == "index":
        return answer == {"batchItemFailures": []}
    return bool(json.loads(answer["body"]).get("matches"))
