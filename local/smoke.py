"""`make smoke`: a scripted user against the whole system, in a fresh directory on free ports."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deploy.stack import DeployError
from local.service import ServiceError, free_port
from local.stack import BUNDLE, SAMPLES, started
from local.user import User, until


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
    except (TimeoutError, ServiceError, DeployError) as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
