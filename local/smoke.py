"""`make smoke`: a scripted user against the whole system, in a fresh directory on free ports."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import httpx

from deploy.stack import ROOT, DeployError
from local.service import ServiceError, free_port
from local.stack import LocalStack, started

SAMPLES = ROOT / "samples"
BUNDLE = ROOT / "build" / "bundles" / "offline"
_PATIENCE_SECONDS = 30
_POLL_SECONDS = 0.1


class SmokeError(Exception):
    """A step did not end as it should."""


def main() -> int:
    """Run every step; the exit status is 1 at the first that fails."""
    start = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as data, ExitStack() as stack:
            with _step("the stack starts", start):
                silent = started(
                    Path(data), BUNDLE, free_port(), free_port(), lambda _: None, enforce_iam=True
                )
                local = stack.enter_context(silent)
            _visit(User(local), start)
            with _step("the stack stops", start):
                stack.close()
    except (SmokeError, ServiceError, DeployError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


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


def _visit(user: User, start: float) -> None:
    cat, kitten = _sample("cat-chelsea"), _sample("cat-ginger-kitten")
    castle, dog = _sample("castle-neuschwanstein"), _sample("dog-german-shepherd")
    with _step("images put with boto3 are indexed", start):
        for key, data in {"cat.jpg": cat, "castle.jpg": castle, "dog.jpg": dog}.items():
            user.put(key, data)
        for key in ("cat.jpg", "castle.jpg", "dog.jpg"):
            user.wait_until_indexed(key)
    with _step("an image uploaded by a presigned form is indexed", start):
        user.upload("kitten.jpg", kitten)
        user.wait_until_indexed("kitten.jpg")
    with _step("the image nearest to a cat is the other cat", start):
        until(lambda: user.found(key="cat.jpg")[:1] == ["kitten.jpg"], "another is first")
    with _step("words find the cats first", start):
        cats = {"cat.jpg", "kitten.jpg"}
        until(lambda: set(user.found(text="a cat")[:2]) == cats, "others come first")
    with _step("a replaced image is found as what it shows now", start):
        user.put("castle.jpg", cat)
        until(lambda: user.found(key="cat.jpg")[:1] == ["castle.jpg"], "it still is the castle")
    with _step("a deleted image is not found any more", start):
        user.delete("castle.jpg").raise_for_status()
        until(lambda: "castle.jpg" not in user.found(key="cat.jpg"), "it is still found")
    with _step(
        "a text file named .jpg is rejected with the reason, everything else goes on", start
    ):
        user.put("text.jpg", b"not a picture")
        user.put("castle.jpg", castle)
        user.wait_until_indexed("castle.jpg")
        rejected = ("rejected", "not-a-readable-image")
        until(lambda: user.state("text.jpg") == rejected, "text.jpg is not rejected")


def _sample(name: str) -> bytes:
    return next(SAMPLES.rglob(f"{name}.jpg")).read_bytes()


@contextmanager
def _step(name: str, start: float) -> Iterator[None]:
    began = time.perf_counter()
    yield
    now = time.perf_counter()
    print(f"{now - start:6.1f} s  {now - began:5.1f} s  {name}", flush=True)


def until(holds: Callable[[], bool], otherwise: str, patience: float = _PATIENCE_SECONDS) -> None:
    """Look again and again until something holds.

    Raises:
        SmokeError: it does not within `patience` seconds; the message is `otherwise`.
    """
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise SmokeError(otherwise)
        time.sleep(_POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
