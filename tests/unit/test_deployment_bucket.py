"""The deployment bucket: its owner, the uploads, and the deletion of unused ones."""

import io
import os
import zipfile

import boto3
import pytest
from botocore.exceptions import ClientError

from deploy import buckets, packaging
from deploy.errors import DeployError

ACCOUNT = "123456789012"


@pytest.fixture
def calls(new_bucket, monkeypatch):
    """The calls of S3 from here on: their names and parameters."""
    new_bucket("deployment")
    made = []
    session = boto3.session.Session()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    monkeypatch.setattr(boto3.session, "Session", lambda: session)

    def note(params, model, **_):
        made.append((model.name, params))

    session.events.register("provide-client-params.s3", note)
    return made


@pytest.fixture
def template(tmp_path):
    for name in ("function", "layer"):
        (tmp_path / name / "__pycache__").mkdir(parents=True)
        (tmp_path / name / "app.py").write_text(f"print('{name}')")
        (tmp_path / name / "__pycache__" / "app.cpython-311.pyc").write_bytes(os.urandom(9))
    (tmp_path / "dashboard.yaml").write_text("Fn::Sub: '{}'")
    file = tmp_path / "template.yaml"
    file.write_text("""
Resources:
  Function: {Type: AWS::Serverless::Function, Properties: {CodeUri: function}}
  Layer:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: makefile}
    Properties: {ContentUri: layer}
  Fn::ForEach::Logs: [Log, [A], {"${Log}Log": {Type: AWS::Logs::LogGroup}}]
  Dashboard:
    Properties:
      DashboardBody:
        Fn::Transform: {Name: AWS::Include, Parameters: {Location: dashboard.yaml}}
""")
    return file


def test_every_call_names_the_account_that_the_bucket_must_belong_to(calls, template, tiny_bundle):
    buckets.make("deployment")
    buckets.upload_bundle(tiny_bundle, "deployment")
    packaging.package(template, "deployment", "mine")
    buckets.delete_unused("deployment", "mine", set(), set())
    buckets.remove("deployment")

    assert len(calls) > 10
    assert [name for name, options in calls if options.get("ExpectedBucketOwner") != ACCOUNT] == []


def test_a_bucket_of_a_stranger_is_refused(new_bucket, monkeypatch):
    new_bucket("taken")
    client = boto3.client("s3")

    def head_bucket(**_):
        raise ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}}, "HeadBucket")

    monkeypatch.setattr(client, "head_bucket", head_bucket)
    monkeypatch.setattr(boto3.session.Session, "client", lambda *_, **__: client)
    monkeypatch.setattr(buckets, "account", lambda: ACCOUNT)

    with pytest.raises(DeployError, match=r"belongs to another account.*WITH=ModelBucket="):
        buckets.make("taken")


def test_a_deployment_without_changes_uploads_nothing(calls, template):
    first = packaging.package(template, "deployment", "mine")
    for file in template.parent.rglob("*.py"):
        os.utime(file, (1_000_000_000, 1_000_000_000))  # a checkout or a build of another day
    calls.clear()

    assert packaging.package(template, "deployment", "mine") == first
    assert {name for name, _ in calls} == {"HeadObject"}


def test_other_code_is_another_upload(calls, template):
    first = packaging.package(template, "deployment", "mine")
    (template.parent / "function" / "app.py").write_text("other")

    second = packaging.package(template, "deployment", "mine")

    assert first["Resources"]["Function"] != second["Resources"]["Function"]
    assert first["Resources"]["Layer"] == second["Resources"]["Layer"]


def test_code_that_was_compiled_here_is_left_out_unless_a_build_compiled_it(calls, template):
    packaged = packaging.package(template, "deployment", "mine")

    def names(resource, source):
        address = packaged["Resources"][resource]["Properties"][source]
        key = address.removeprefix("s3://deployment/")
        data = boto3.client("s3").get_object(Bucket="deployment", Key=key)["Body"].read()
        return zipfile.ZipFile(io.BytesIO(data)).namelist()

    assert names("Function", "CodeUri") == ["app.py"]
    assert names("Layer", "ContentUri") == ["__pycache__/app.cpython-311.pyc", "app.py"]


def test_a_missing_file_is_named(template, calls):
    (template.parent / "dashboard.yaml").unlink()

    with pytest.raises(DeployError, match=r"dashboard\.yaml, which is not there"):
        packaging.package(template, "deployment", "mine")


def test_code_and_bundles_that_no_stack_uses_are_deleted(calls, template, monkeypatch):
    used = packaging.uploads_in(packaging.package(template, "deployment", "mine"), "deployment")
    kept = {"code/other/a.zip", "new-int8-1/model.json", "notes/mine.json", *used}
    for key in (*kept, "code/mine/old.zip", "old-int8-0/model.json"):
        buckets.put("deployment", key, b"")

    buckets.delete_unused("deployment", "mine", used, {"new-int8-1"})
    assert keys() == {*kept, "old-int8-0/model.json"}  # perhaps of a stack that is being made

    monkeypatch.setattr(buckets, "_BUNDLE_AGE", -buckets._BUNDLE_AGE)
    buckets.delete_unused("deployment", "mine", used, {"new-int8-1"})
    assert keys() == kept


def keys():
    listed = boto3.client("s3").list_objects_v2(Bucket="deployment")["Contents"]
    return {item["Key"] for item in listed}
