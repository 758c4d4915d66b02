"""A user of a running stack, for `make smoke`, the tests and the benchmarks."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import boto3
import httpx

_PATIENCE_SECONDS = 30
_POLL_SECONDS = 0.1


class Site(Protocol):
    """A stack that runs somewhere."""

    @property
    def images_bucket(self) -> str:
        """The bucket to put images in."""

    def client(self) -> httpx.Client:
        """A client of its page and API."""


class User:
    """Uploads as S3 clients and the page do, and calls the API."""

    def __init__(self, site: Site) -> None:
        """Create the clients; no request is sent yet."""
        self.bucket = site.images_bucket
        self.s3 = boto3.client("s3")
        self.http = site.client()

    def put(self, key: str, data: bytes) -> None:
        """Store an object as boto3 does."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    def upload(self, key: str, data: bytes) -> None:
        """Store an object as the page does."""
        request = {"key": key, "content_type": "image/jpeg", "size": len(data)}
        upload = self.http.post("/api/uploads", json=request).raise_for_status().json()
        put(upload, data).raise_for_status()

    def image(self, key: str) -> dict[str, Any]:
        """The description of an image by the API."""
        return dict(self.http.get("/api/image", params={"key": key}).json())

    def state(self, key: str) -> tuple[str | None, str | None]:
        """The state of an image, and the reason if it is rejected."""
        image = self.image(key)
        return image.get("state"), image.get("reason")

    def delete(self, key: str) -> httpx.Response:
        """Delete an image as the page does."""
        return self.http.delete("/api/image", params={"key": key})

    def wait_until_indexed(self, key: str) -> None:
        """Return when an image can be found."""
        until(lambda: self.state(key) == ("indexed", None), f"{key} is not indexed")

    def found(self, **query: str) -> list[str]:
        """The keys that a search finds, best first."""
        answer = self.http.get("/api/search", params=query).raise_for_status().json()
        return [match["key"] for match in answer["matches"]]


def put(upload: dict[str, Any], data: bytes) -> httpx.Response:
    """Send a file with the response of `POST /api/uploads`."""
    return httpx.put(upload["url"], content=data, headers=upload["headers"])


def until(holds: Callable[[], bool], otherwise: str, patience: float = _PATIENCE_SECONDS) -> None:
    """Poll until a condition holds.

    Raises:
        TimeoutError: it does not within `patience` seconds; the message is `otherwise`.
    """
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(_POLL_SECONDS)
