"""Somebody who uses a running stack: `make smoke`, the tests and the benchmarks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import boto3
import httpx

from local.stack import LocalStack

_PATIENCE_SECONDS = 30
_POLL_SECONDS = 0.1


class User:
    """Somebody who uploads with S3 clients and asks the API."""

    def __init__(self, local: LocalStack) -> None:
        """Nothing is called yet."""
        self.bucket = local.images_bucket
        self.s3 = boto3.client("s3")
        self.http = local.client()

    def put(self, key: str, data: bytes) -> None:
        """Store an object as boto3 does."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    def upload(self, key: str, data: bytes) -> None:
        """Store an object as the page does."""
        request = {"key": key, "content_type": "image/jpeg", "size": len(data)}
        form = self.http.post("/api/uploads", json=request).raise_for_status().json()
        httpx.post(form["url"], data=form["fields"], files={"file": data}).raise_for_status()

    def image(self, key: str) -> dict[str, Any]:
        """What the API says of an image."""
        return dict(self.http.get(f"/api/images/{quote(key)}").json())

    def state(self, key: str) -> tuple[str | None, str | None]:
        """The state of an image, and the reason if it is rejected."""
        image = self.image(key)
        return image.get("state"), image.get("reason")

    def delete(self, key: str) -> httpx.Response:
        """Delete an image as the page does."""
        return self.http.delete(f"/api/images/{quote(key)}")

    def wait_until_indexed(self, key: str) -> None:
        """Return when an image can be found."""
        until(lambda: self.state(key) == ("indexed", None), f"{key} is not indexed")

    def found(self, **query: str) -> list[str]:
        """The keys that a search finds, best first."""
        answer = self.http.get("/api/search", params=query).raise_for_status().json()
        return [match["key"] for match in answer["matches"]]


def until(holds: Callable[[], bool], otherwise: str, patience: float = _PATIENCE_SECONDS) -> None:
    """Look again and again until something holds.

    Raises:
        TimeoutError: it does not within `patience` seconds; the message is `otherwise`.
    """
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(_POLL_SECONDS)
