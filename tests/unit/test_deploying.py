"""What `make deploy` asks, checks and uploads."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from deploy import buckets, checks, questions
from deploy.errors import DeployError
from deploy.page import content_type, upload_page
from image_search.s3 import Bucket

ROOT = Path(__file__).parents[2]
DECLARED = questions.parameters_of(ROOT / "template.yaml")


def answering(*answers: str) -> tuple[list[str], Callable[[str], str]]:
    """Somebody who says these things and then only presses return; and what they were asked."""
    asked: list[str] = []
    left = list(answers)

    def ask(question: str) -> str:
        asked.append(question)
        return left.pop(0) if left else ""

    return asked, ask


def test_whoever_only_presses_return_gets_the_defaults() -> None:
    _, ask = answering()

    answers = questions.answers(DECLARED, {}, ask)

    assert answers == {name: str(DECLARED[name]["Default"]) for name in answers}
    assert {"PineconeRegion", "Reads", "Writes", "Architecture", "AlarmEmail"} <= set(answers)


def test_what_was_given_is_not_asked() -> None:
    asked, ask = answering()

    answers = questions.answers(DECLARED, {"Writes": "off"}, ask)

    assert "Writes" not in answers
    assert not [question for question in asked if "Writes" in question]


def test_a_wrong_answer_is_asked_again_in_a_sentence() -> None:
    asked, ask = answering("aws", "us-east-1", "everybody", "signed-in")

    answers = questions.answers(DECLARED, {}, ask)

    assert answers["Reads"] == "signed-in"
    assert asked[3] == "  Reads is 'everybody', and must be one of open, signed-in: "


@pytest.mark.parametrize(
    ("word", "said"),
    [("Colour=red", "no parameter 'Colour'"), ("Writes=all", "must be one of"), ("off", "'off'")],
)
def test_a_wrong_parameter_is_refused_by_name(word: str, said: str) -> None:
    with pytest.raises(DeployError, match=said):
        questions.given([word], DECLARED)


def test_a_value_may_have_an_equals_sign() -> None:
    assert questions.given(["AlarmEmail=a+b=c@d.org"], DECLARED) == {"AlarmEmail": "a+b=c@d.org"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("favicon.svg", "image/svg+xml; charset=utf-8"),
        ("photo.jpg", "image/jpeg"),
        ("unknown.thing", "application/octet-stream"),
    ],
)
def test_browsers_are_told_what_a_file_is(name: str, kind: str) -> None:
    assert content_type(name) == kind


def test_the_bucket_of_the_page_holds_exactly_the_page(
    new_bucket: Callable[[str], Bucket], tmp_path: Path
) -> None:
    new_bucket("web").write("old.js", b"old", "text/javascript")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.js").write_text("new")

    upload_page(tmp_path, "web")

    s3 = boto3.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="web")["Contents"]]
    assert [key for key in keys if not key.startswith("vendor/")] == ["parts/a.js"]
    assert s3.head_object(Bucket="web", Key="parts/a.js")["CacheControl"] == "no-cache"


def test_a_bundle_that_is_there_is_not_uploaded_again(
    new_bucket: Callable[[str], Bucket], tiny_bundle: Path
) -> None:
    models = new_bucket("models")
    identity = buckets.upload_bundle(tiny_bundle, "models")
    models.delete([f"{identity}/vision.onnx"])

    assert buckets.upload_bundle(tiny_bundle, "models") == identity

    assert models.info(f"{identity}/vision.onnx") is None


def test_a_bucket_is_made_for_tls_only(new_bucket: Callable[[str], Bucket]) -> None:
    new_bucket("another")  # so that S3 is the one of the tests
    buckets.make("deployment")
    buckets.make("deployment")

    policy = boto3.client("s3").get_bucket_policy(Bucket="deployment")["Policy"]
    assert '"aws:SecureTransport": "false"' in policy


def test_emptying_takes_old_versions_too(new_bucket: Callable[[str], Bucket]) -> None:
    images, s3 = new_bucket("images"), boto3.client("s3")
    s3.put_bucket_versioning(Bucket="images", VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        images.write("a", b"", "text/plain")
    images.delete(["a"])

    assert buckets.remove("images") == 3
    assert s3.list_buckets()["Buckets"] == []


def command(directory: Path, name: str, status: int) -> None:
    file = directory / name
    file.write_text(f"#!/bin/sh\nexit {status}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("missing", ["sam", "python3.13"])
def test_a_tool_that_is_missing_or_broken_is_named_with_the_reason(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tool in ("sam", "python3.13"):
        command(tmp_path, tool, status=int(tool == missing))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    with pytest.raises(DeployError, match=f"^{missing} does not run here: .+"):
        checks.require_tools()


def test_an_account_with_little_concurrency_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Lambda:
        def get_account_settings(self) -> dict[str, Any]:
            return {"AccountLimit": {"UnreservedConcurrentExecutions": 110}}

    monkeypatch.setattr(boto3, "client", lambda _: Lambda())

    checks.require_concurrency(10)
    with pytest.raises(DeployError, match="deploy with SearchConcurrency=0"):
        checks.require_concurrency(20)
