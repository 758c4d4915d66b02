"""`make smoke`: a scripted user against a fresh stack of this machine, or a stack on AWS.

On AWS the images are in a folder of their own, which is removed at the end. What is printed can be
pasted into a bug report.
"""

from __future__ import annotations

import argparse
import platform
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import httpx

from deploy import cloudformation
from deploy.errors import FAULTS, DeployError, accept_region, sentence
from deploy.stack import ROOT, Stack
from local.service import ServiceError
from local.stack import SAMPLES, started
from local.user import User, until

# A stack on AWS may have cold starts.
_PATIENCE_SECONDS = 90
_FAULTS = (TimeoutError, ServiceError, DeployError, httpx.HTTPError, *FAULTS)


def main() -> int:
    """Run every step; the exit status is 1 at the first that fails."""
    parser = argparse.ArgumentParser(prog="python -m local.smoke", description=__doc__)
    parser.add_argument("--stack", help="the name of a stack on AWS")
    name = parser.parse_args().stack
    try:
        if name:
            accept_region()
            _on_aws(name)
        else:
            _on_this_machine()
    except _FAULTS as error:
        print(f"FAILED: {sentence(error)}", flush=True)
        return 1
    return 0


@dataclass(frozen=True)
class Deployed:
    """A stack on AWS."""

    stack: Stack

    @property
    def images_bucket(self) -> str:
        """The bucket to put images in."""
        return self.stack.outputs["ImagesBucket"]

    def client(self) -> httpx.Client:
        """A client of its page and API."""
        return httpx.Client(base_url=self.stack.url, timeout=60)


@dataclass(frozen=True)
class Visit:
    """A user's steps in a folder; `writes` means that the API's writes need no account."""

    user: User
    folder: str
    writes: bool
    start: float

    def run(self) -> None:
        """Take every step.

        Raises:
            TimeoutError: a step did not end as it should.
        """
        cat, kitten = _sample("cat-chelsea"), _sample("cat-ginger-kitten")
        castle, dog = _sample("castle-neuschwanstein"), _sample("dog-german-shepherd")
        with _step("images put with boto3 are indexed", self.start):
            for name, data in {"cat.jpg": cat, "castle.jpg": castle, "dog.jpg": dog}.items():
                self.user.put(self.folder + name, data)
            for name in ("cat.jpg", "castle.jpg", "dog.jpg"):
                self.wait(name)
        with _step("an uploaded image is indexed", self.start):
            (self.user.upload if self.writes else self.user.put)(f"{self.folder}kitten.jpg", kitten)
            self.wait("kitten.jpg")
        with _step("the image nearest to a cat is the other cat", self.start):
            self.until(lambda: self.near_the_cat()[:1] == ["kitten.jpg"], "another is first")
        with _step("words find the cats first", self.start):
            cats = {"cat.jpg", "kitten.jpg"}
            self.until(lambda: set(self.found(text="a cat")[:2]) == cats, "others come first")
        with _step("a replaced image is found as what it shows now", self.start):
            self.user.put(f"{self.folder}castle.jpg", cat)
            self.until(lambda: self.near_the_cat()[:1] == ["castle.jpg"], "it is still the castle")
        with _step("a deleted image is not found any more", self.start):
            self.delete("castle.jpg")
            self.until(lambda: "castle.jpg" not in self.near_the_cat(), "it is still found")
        with _step(
            "a text file named .jpg is rejected with the reason, everything else goes on",
            self.start,
        ):
            self.user.put(f"{self.folder}text.jpg", b"not an image")
            self.user.put(f"{self.folder}castle.jpg", castle)
            self.wait("castle.jpg")
            rejected = ("rejected", "not-a-readable-image")
            state = self.user.state
            self.until(lambda: state(f"{self.folder}text.jpg") == rejected, "it is not rejected")

    def found(self, **query: str) -> list[str]:
        """The names in the folder that a search finds, best first."""
        keys = self.user.found(top_k="100", **query)
        return [key.removeprefix(self.folder) for key in keys if key.startswith(self.folder)]

    def near_the_cat(self) -> list[str]:
        """The names in the folder of the images like the cat."""
        return self.found(key=f"{self.folder}cat.jpg")

    def delete(self, name: str) -> None:
        """Delete an image as the page does, or as S3 clients do."""
        if self.writes:
            self.user.delete(self.folder + name).raise_for_status()
        else:
            self.user.s3.delete_object(Bucket=self.user.bucket, Key=self.folder + name)

    def wait(self, name: str) -> None:
        """Return when an image can be found."""
        key = self.folder + name
        self.until(lambda: self.user.state(key) == ("indexed", None), f"{key} is not indexed")

    def until(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Poll until a condition holds."""
        until(holds, otherwise, _PATIENCE_SECONDS)

    def clean(self) -> None:
        """Delete the images in the folder; old versions stay as long as the bucket keeps them."""
        listed = self.user.s3.list_objects_v2(Bucket=self.user.bucket, Prefix=self.folder)
        for item in listed.get("Contents", []):
            self.user.s3.delete_object(Bucket=self.user.bucket, Key=item["Key"])


def _on_this_machine() -> None:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as data, ExitStack() as stack:
        with _step("the stack starts", start):
            local = stack.enter_context(started(Path(data), enforce_iam=True))
        Visit(User(local), "", writes=True, start=start).run()
        with _step("the stack stops", start):
            stack.close()


def _on_aws(name: str) -> None:
    outputs, parameters = cloudformation.outputs(name), cloudformation.parameters(name) or {}
    if parameters["Reads"] != "open":
        raise DeployError("the scripted user has no account: deploy a stack with Reads=open")
    stack, start = Stack(name, outputs), time.perf_counter()
    print("\n".join(_about(parameters)))
    folder = f"{outputs.get('ImagesPrefix', '')}smoke-{secrets.token_hex(4)}/"
    visit_and_clean(User(Deployed(stack)), folder, parameters["Writes"] == "open", start)


def visit_and_clean(user: User, folder: str, writes: bool, start: float) -> None:
    """Run every step on a stack that stays in use, and delete the images of the visit."""
    visit = Visit(user, folder, writes, start)
    try:
        visit.run()
    finally:
        visit.clean()


def _about(parameters: dict[str, str]) -> Iterator[str]:
    """The facts that a bug report needs, without account, names and URLs."""
    commit = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    version = subprocess.run(commit, capture_output=True, text=True, check=False).stdout.strip()
    yield f"commit {version or 'unknown'}, Python {platform.python_version()}, {platform.system()}"
    yield f"region {boto3.session.Session().region_name}"
    shown = ("Bundle", "Reads", "Writes", "Architecture", "SnapStart", "PineconeCloud")
    yield ", ".join(f"{name}={parameters[name]}" for name in shown)


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
