"""`make smoke`: a scripted user against the whole system, in a fresh directory on free ports."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

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
                silent = started(Path(data), BUNDLE, free_port(), free_port(), lambda _: None)
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
        return dict(self.http.get(f"/api/images/{key}").json())

    def found(self, **query: str) -> list[str]:
        """The keys that a search finds, best first."""
        answer = self.http.get("/api/search", params=query).raise_for_status().json()
        return [match["key"] for match in answer["matches"]]


def _visit(user: User, start: float) -> None:
    waterfall, other_waterfall, cat, mountain = _pictures()
    with _step("images put with boto3 are indexed", start):
        for key, data in {"fall-1.jpg": waterfall, "cat.jpg": cat, "peak.jpg": mountain}.items():
            user.put(key, data)
        for key in ("fall-1.jpg", "cat.jpg", "peak.jpg"):
            _until(lambda key=key: user.image(key)["state"] == "indexed", f"{key} is not indexed")
    with _step("an image uploaded by a presigned form is indexed", start):
        user.upload("fall-2.jpg", other_waterfall)
        _until(lambda: user.image("fall-2.jpg").get("state") == "indexed", "fall-2.jpg is not indexed")
    with _step("a waterfall's nearest image is the other waterfall", start):
        _until(lambda: user.found(key="fall-1.jpg")[:1] == ["fall-2.jpg"], "the other is not first")
    with _step("words find the waterfalls first", start):
        falls = {"fall-1.jpg", "fall-2.jpg"}
        _until(lambda: set(user.found(text="a waterfall")[:2]) == falls, "others come first")
    with _step("a replaced image is found as what it shows now", start):
        user.put("cat.jpg", waterfall)
        _until(lambda: user.found(key="fall-1.jpg")[:1] == ["cat.jpg"], "the old picture is found")
    with _step("a deleted image is not found any more", start):
        user.http.delete("/api/images/cat.jpg").raise_for_status()
        _until(lambda: "cat.jpg" not in user.found(key="fall-1.jpg"), "cat.jpg is still found")
    with _step("a text file named .jpg is rejected with a reason, and the next image is indexed", start):
        user.put("text.jpg", b"not a picture")
        user.put("cat.jpg", cat)
        _until(lambda: user.image("cat.jpg").get("state") == "indexed", "cat.jpg is not indexed")
        _until(lambda: user.image("text.jpg")["state"] == "rejected", "text.jpg is not rejected")
        _until(lambda: user.image("text.jpg")["reason"] == "not-a-readable-image", "no reason")


def _pictures() -> list[bytes]:
    names = ("waterfall", "waterfall", "cat", "mountain")
    used: list[Path] = []
    for name in names:
        used.append(next(p for p in sorted(SAMPLES.rglob(f"*{name}*.jpg")) if p not in used))
    return [path.read_bytes() for path in used]


@contextmanager
def _step(name: str, start: float) -> Iterator[None]:
    began = time.perf_counter()
    yield
    now = time.perf_counter()
    print(f"{now - start:6.1f} s  {now - began:5.1f} s  {name}", flush=True)


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise SmokeError(otherwise)
        time.sleep(_POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
