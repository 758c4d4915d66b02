"""What `make deploy` asks, checks and uploads."""

import importlib
import json
import os
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError, SSOTokenLoadError

from deploy import arguments, bill, buckets, checks, questions
from deploy.__main__ import invitation, model_for
from deploy.errors import DeployError, explained
from deploy.page import content_type, upload_page
from deploy.stack import closed, is_current, sign_in_names

ROOT = Path(__file__).parents[2]
DECLARED = questions.parameters_of(ROOT / "template.yaml")


def answering(*answers):
    """Gives these answers to questions, then empty ones; returns the questions too."""
    asked = []
    left = list(answers)

    def ask(question):
        asked.append(question)
        return left.pop(0) if left else ""

    return asked, ask


def test_pressing_return_accepts_the_defaults():
    _, ask = answering()

    answers = questions.answers(DECLARED, {}, ask)

    assert answers == {name: str(DECLARED[name]["Default"]) for name in answers}
    assert {"PineconeRegion", "Reads", "Writes", "Architecture", "AlarmEmail"} <= set(answers)


def test_a_given_parameter_is_not_asked_for():
    asked, ask = answering()

    answers = questions.answers(DECLARED, {"Writes": "off"}, ask)

    assert "Writes" not in answers
    assert not [question for question in asked if "Writes" in question]


def test_a_wrong_answer_is_asked_again_in_a_sentence():
    asked, ask = answering("aws", "us-east-1", "everybody", "signed-in")

    answers = questions.answers(DECLARED, {}, ask)

    assert answers["Reads"] == "signed-in"
    assert asked[3] == "  Reads is 'everybody', and must be one of open, signed-in: "


@pytest.mark.parametrize(
    ("word", "reported"),
    [("Colour=red", "no parameter 'Colour'"), ("Writes=all", "must be one of"), ("off", "'off'")],
)
def test_a_wrong_parameter_is_refused_by_name(word, reported):
    with pytest.raises(DeployError, match=reported):
        questions.given([word], DECLARED)


def test_a_value_may_have_an_equals_sign():
    assert questions.given(["AlarmEmail=a+b=c@d.org"], DECLARED) == {"AlarmEmail": "a+b=c@d.org"}


def test_every_file_has_its_content_type():
    texts = {"index.html": "text/html", "app.js": "text/javascript", "style.css": "text/css"}

    for name, kind in (texts | {"favicon.svg": "image/svg+xml"}).items():
        assert content_type(name) == f"{kind}; charset=utf-8"
    assert content_type("photo.jpg") == "image/jpeg"
    assert content_type("unknown.thing") == "application/octet-stream"


def test_the_bucket_of_the_page_holds_exactly_the_page(new_bucket, tmp_path):
    new_bucket("web").write("old.js", b"old", "text/javascript")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.js").write_text("new")

    upload_page(tmp_path, "web")

    s3 = boto3.client("s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="web")["Contents"]]
    assert [key for key in keys if not key.startswith("vendor/")] == ["parts/a.js"]
    assert s3.head_object(Bucket="web", Key="parts/a.js")["CacheControl"] == "no-cache"


def test_a_bundle_that_is_there_is_not_uploaded_again(new_bucket, tiny_bundle):
    models = new_bucket("models")
    identity = buckets.upload_bundle(tiny_bundle, "models")
    models.delete([f"{identity}/vision.onnx"])

    assert buckets.upload_bundle(tiny_bundle, "models") == identity

    assert models.info(f"{identity}/vision.onnx") is None


def test_a_bucket_is_made_for_tls_only(new_bucket):
    new_bucket("another")  # so that S3 is the one of the tests
    buckets.make("deployment")
    buckets.make("deployment")

    policy = boto3.client("s3").get_bucket_policy(Bucket="deployment")["Policy"]
    assert '"aws:SecureTransport": "false"' in policy


def test_emptying_takes_old_versions_too(new_bucket):
    images, s3 = new_bucket("images"), boto3.client("s3")
    s3.put_bucket_versioning(Bucket="images", VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        images.write("a", b"", "text/plain")
    images.delete(["a"])

    assert buckets.remove("images") == 3
    assert s3.list_buckets()["Buckets"] == []


def command(directory, name, status):
    file = directory / name
    file.write_text(f"#!/bin/sh\nexit {status}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("missing", ["sam", "python3.13"])
def test_a_tool_that_is_missing_or_broken_is_named_with_the_reason(missing, tmp_path, monkeypatch):
    for tool in ("sam", "python3.13"):
        command(tmp_path, tool, status=int(tool == missing))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    with pytest.raises(DeployError, match=f"^{missing} does not run here: .+"):
        checks.require_tools()


def quota(total, unreserved):
    """A client of Lambda that knows the limits of an account."""
    limit = {"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": unreserved}
    return SimpleNamespace(get_account_settings=lambda: {"AccountLimit": limit})


@pytest.mark.parametrize(
    ("total", "chosen"),
    [
        (10, {"SearchConcurrency": "0", "IndexConcurrency": "5"}),
        (100, {"SearchConcurrency": "0"}),
        (1000, {}),
    ],
)
def test_in_an_account_with_a_small_quota_indexing_leaves_searches_some(total, chosen, monkeypatch):
    monkeypatch.setattr(boto3, "client", lambda _: quota(total, total))

    assert checks.concurrency({}, {}) == chosen
    assert checks.concurrency({}, {"SearchConcurrency": "0"}) == {}


def test_more_concurrency_than_an_account_can_reserve_is_refused_with_a_remedy(monkeypatch):
    monkeypatch.setattr(boto3, "client", lambda _: quota(1000, 110))

    assert checks.concurrency({"SearchConcurrency": "10"}, {}) == {}
    with pytest.raises(DeployError, match="deploy with SearchConcurrency=0"):
        checks.concurrency({"SearchConcurrency": "20"}, {})
    # What the stack itself has reserved is its own to use again.
    assert checks.concurrency({"SearchConcurrency": "20"}, {"SearchConcurrency": "15"}) == {}


@pytest.mark.parametrize("name", ["a" * 49, "1st", "with space", ""])
def test_a_stack_name_that_does_not_fit_derived_names_is_refused(name):
    checks.require_name("image-search")
    with pytest.raises(DeployError, match="is no name for a stack"):
        checks.require_name(name)


@pytest.mark.parametrize("command", ["__main__", "destroy", "switch", "redrive"])
def test_the_region_is_read_where_the_aws_cli_reads_it(command, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    monkeypatch.setattr("sys.argv", [command, "--help"])

    with pytest.raises(SystemExit):
        importlib.import_module(f"deploy.{command}").main()

    assert boto3.session.Session().region_name == "ap-south-1"


def test_the_profile_of_an_argument_is_used_by_every_client(tmp_path, monkeypatch):
    config = tmp_path / "config"
    config.write_text("[profile work]\nregion = sa-east-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr("sys.argv", ["command", "--profile", "work", "--name", "mine"])

    options = arguments.parsed(arguments.parser("command", None))

    assert options.name == "mine"
    assert boto3.client("sqs").meta.region_name == "sa-east-1"


def refused(code):
    return ClientError({"Error": {"Code": code, "Message": "refused by AWS"}}, "CreateRole")


@pytest.mark.parametrize(
    ("error", "reported"),
    [
        (refused("AccessDenied"), "AWS does not permit this; docs/deploy.md lists"),
        (refused("UnauthorizedOperation"), "AWS does not permit this"),
        (refused("ExpiredToken"), "the AWS credentials have expired"),
        (refused("ExpiredTokenException"), "the AWS credentials have expired"),
        (refused("LimitExceeded"), "a quota of this account is used up"),
        (refused("TooManyBuckets"), "a quota of this account is used up"),
        (refused("Throttling"), "AWS limits the rate of requests"),
        (NoCredentialsError(), "there are no AWS credentials"),
        (NoRegionError(), "there is no region"),
        (SSOTokenLoadError(error_msg="no token"), "the session of AWS SSO is over: aws sso login"),
        (refused("Other"), "refused by AWS"),
    ],
)
def test_an_error_of_aws_is_one_sentence(error, reported, capsys):
    with pytest.raises(SystemExit), explained("make deploy"):
        raise error

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("make deploy: ")
    assert reported in line


def test_another_processor_or_an_older_version_s_stack_gets_another_bundle():
    before = {"Architecture": "arm64", "Bundle": "clip-vit-b32-int8-0a1b2c3d"}
    other = {"Architecture": "x86_64"}

    assert model_for(before, before | other, current=True) == "clip-vit-b32"
    assert model_for(before, before, current=True) is None
    assert model_for(before, before, current=False) == "clip-vit-b32"
    with pytest.raises(DeployError, match="make switch FORGET=1"):
        model_for(before | {"OtherBundle": "other-int8-0"}, other, current=True)


def test_a_bundle_of_an_older_version_is_known_by_its_manifest(new_bucket, tiny_bundle):
    manifest = json.loads((tiny_bundle / "model.json").read_text())
    model = new_bucket("model")
    for name, written in (("new", manifest), ("old", {"id": "old", "dimension": 512})):
        model.write(f"{name}/model.json", json.dumps(written).encode(), "text/plain")

    assert is_current({"ModelBucket": "model", "Bundle": "new"})
    assert not is_current({"ModelBucket": "model", "Bundle": "old"})


@pytest.mark.parametrize(
    ("configured", "value"),
    [({}, "exact"), ({"CaseSensitive": True}, "exact"), ({"CaseSensitive": False}, "any-case")],
)
def test_the_accounts_of_a_stack_are_compared_as_they_were(configured, value, monkeypatch):
    pool = {"UserPool": {"UsernameConfiguration": configured} if configured else {}}
    cognito = SimpleNamespace(describe_user_pool=lambda **_: pool)
    monkeypatch.setattr(boto3, "client", lambda _: cognito)

    assert sign_in_names("pool") == value
    assert sign_in_names(None) == "any-case"


def test_an_invited_user_can_reset_the_password():
    command = invitation("pool", "a@b.org")

    assert "Name=email,Value=a@b.org Name=email_verified,Value=true" in command


def test_the_fixed_part_of_the_bill_is_reported_before_anything_is_made():
    least = bill.fixed({})

    assert "about $1.56 a month" in least
    assert "snapshot $6.70" in bill.fixed({"SnapStart": "PublishedVersions"})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("open", "signed-in", True), ("signed-in", "signed-in", False), ("signed-in", "open", False)],
)
def test_edges_forget_when_reading_begins_to_ask_for_a_sign_in(before, after, expected):
    assert closed({"Reads": before}, {"Reads": after}) is expected
