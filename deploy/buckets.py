"""The bucket for code and bundles, and how buckets are emptied."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError


def deployment_bucket() -> str:
    """The name of the bucket for code and bundles: one for each account and region."""
    session = boto3.session.Session()
    account = session.client("sts").get_caller_identity()["Account"]
    return f"image-search-deployment-{account}-{session.region_name}"


def make(name: str) -> None:
    """Make a bucket unless it is there: private and encrypted, as S3 makes them, and TLS only."""
    session = boto3.session.Session()
    s3 = session.client("s3")
    if _answers(lambda: s3.head_bucket(Bucket=name)):
        return
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": session.region_name}}
    where: Any = {} if session.region_name == "us-east-1" else elsewhere
    s3.create_bucket(Bucket=name, **where)
    if s3.meta.endpoint_url.startswith("https:"):  # the emulator speaks plain HTTP
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(_tls_only(name)))


def upload_bundle(directory: Path, bucket: str) -> str:
    """Upload a bundle unless it is there; the manifest goes last and marks it complete."""
    manifest = json.loads((directory / "model.json").read_text())
    s3 = boto3.client("s3")
    there = f"{manifest['id']}/model.json"
    if not _answers(lambda: s3.head_object(Bucket=bucket, Key=there)):
        for file in [*manifest["files"], "model.json"]:
            s3.upload_file(str(directory / file), bucket, f"{manifest['id']}/{file}")
    return str(manifest["id"])


def empty(name: str) -> int:
    """Delete every object of a bucket, with its old versions; returns their number."""
    s3, deleted = boto3.client("s3"), 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects: Any = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
        if objects:
            s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
        deleted += len(objects)
    return deleted


def remove(name: str) -> int:
    """Empty and delete a bucket; returns how many objects and versions it had."""
    deleted = empty(name)
    boto3.client("s3").delete_bucket(Bucket=name)
    return deleted


def _answers(request: Any) -> bool:
    try:
        request()
    except ClientError:
        return False
    return True


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
