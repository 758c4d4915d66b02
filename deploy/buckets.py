"""The bucket for code and bundles, and how buckets are emptied.

Every call names the account that the bucket must belong to: names can be guessed, and a bucket of
that name may be a stranger's. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from deploy.errors import DeployError

_CODE, _NOTES = "code/", "notes/"
# A bundle that no stack names may belong to a stack that is being made.
_BUNDLE_AGE = timedelta(days=1)
# The objects that S3 deletes in one request.
_KEYS = 1000


def deployment_bucket() -> str:
    """The name of the bucket for code and bundles: one for each account and region."""
    return f"image-search-deployment-{account()}-{boto3.session.Session().region_name}"


def code_of(stack: str) -> str:
    """The prefix of a stack's code in the deployment bucket."""
    return f"{_CODE}{stack}/"


def note_of(stack: str) -> str:
    """The key of the notes about a stack in the deployment bucket."""
    return f"{_NOTES}{stack}.json"


def make(name: str) -> None:
    """Create a bucket unless it exists: private and encrypted, as S3 does, and TLS only.

    Raises:
        DeployError: the name is taken by another account.
    """
    session = boto3.session.Session()
    s3 = session.client("s3")
    if exists(name):
        return
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": session.region_name}}
    where: Any = {} if session.region_name == "us-east-1" else elsewhere
    try:
        s3.create_bucket(Bucket=name, **where)
    except (s3.exceptions.BucketAlreadyExists, s3.exceptions.BucketAlreadyOwnedByYou):
        raise DeployError(_taken(name)) from None
    if s3.meta.endpoint_url.startswith("https:"):  # the emulator speaks plain HTTP
        s3.put_bucket_policy(**_ours(name), Policy=json.dumps(_tls_only(name)))


def exists(name: str) -> bool:
    """Whether this account has a bucket.

    Raises:
        DeployError: another account has it.
    """
    try:
        boto3.client("s3").head_bucket(**_ours(name))
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status == 404:
            return False
        if status == 403:
            raise DeployError(_taken(name)) from None
        raise
    return True


def has(bucket: str, key: str) -> bool:
    """Whether a bucket of this account has an object."""
    try:
        boto3.client("s3").head_object(**_ours(bucket), Key=key)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        return False
    return True


def put(bucket: str, key: str, data: bytes) -> None:
    """Store an object in a bucket of this account."""
    boto3.client("s3").put_object(**_ours(bucket), Key=key, Body=data)


def read(bucket: str, key: str) -> bytes:
    """Read an object of a bucket of this account."""
    return boto3.client("s3").get_object(**_ours(bucket), Key=key)["Body"].read()


def upload_bundle(directory: Path, bucket: str) -> str:
    """Upload a bundle unless it is there; the manifest goes last and marks it complete."""
    manifest = json.loads((directory / "model.json").read_text())
    identity, s3 = str(manifest["id"]), boto3.client("s3")
    if not has(bucket, f"{identity}/model.json"):
        owner = {"ExpectedBucketOwner": account()}
        for file in [*manifest["files"], "model.json"]:
            path, key = str(directory / file), f"{identity}/{file}"
            s3.upload_file(path, bucket, key, ExtraArgs=owner)
    return identity


def delete_unused(bucket: str, stack: str, code: set[str], bundles: set[str]) -> None:
    """Delete a stack's code except `code`, and bundles except `bundles`, if older than a day."""
    listed = _objects(bucket)
    old = datetime.now(UTC) - _BUNDLE_AGE
    delete(
        bucket,
        [
            item["Key"]
            for item in listed
            if (item["Key"].startswith(code_of(stack)) and item["Key"] not in code)
            or (_bundle_of(item["Key"]) not in {*bundles, None} and item["LastModified"] < old)
        ],
    )


def delete(bucket: str, keys: Sequence[str]) -> None:
    """Delete objects of a bucket of this account."""
    s3, ours = boto3.client("s3"), _ours(bucket)
    for start in range(0, len(keys), _KEYS):
        objects: Any = [{"Key": key} for key in keys[start : start + _KEYS]]
        s3.delete_objects(**ours, Delete={"Objects": objects, "Quiet": True})


def empty(name: str) -> int:
    """Delete every object of a bucket, with its old versions; returns their number."""
    s3, deleted, ours = boto3.client("s3"), 0, _ours(name)
    for page in s3.get_paginator("list_object_versions").paginate(**ours):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects: Any = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        if objects:
            s3.delete_objects(**ours, Delete={"Objects": objects, "Quiet": True})
        deleted += len(objects)
    return deleted


def remove(name: str) -> int:
    """Empty and delete a bucket; returns how many objects and versions it had."""
    deleted = empty(name)
    boto3.client("s3").delete_bucket(**_ours(name))
    return deleted


def account() -> str:
    """The account of the credentials of this process, which is asked for once."""
    if boto3.DEFAULT_SESSION is None:
        boto3.setup_default_session()
    return _account_of(boto3.DEFAULT_SESSION)


@lru_cache(maxsize=1)
def _account_of(session: boto3.session.Session) -> str:
    """The account whose credentials a session has; each call of S3 here names it."""
    return str(session.client("sts").get_caller_identity()["Account"])


def _ours(name: str) -> dict[str, Any]:
    return {"Bucket": name, "ExpectedBucketOwner": account()}


def _taken(name: str) -> str:
    return (
        f"the bucket {name} belongs to another account: nothing is uploaded to it. "
        "make deploy WITH=ModelBucket=… takes another name"
    )


def _bundle_of(key: str) -> str | None:
    """The bundle that an object belongs to; None for code and notes."""
    return None if key.startswith((_CODE, _NOTES)) else key.split("/", maxsplit=1)[0]


def _objects(bucket: str) -> list[Any]:
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(**_ours(bucket))
    return [item for page in listed for item in page.get("Contents", [])]


def _tls_only(bucket: str) -> dict[str, Any]:
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
