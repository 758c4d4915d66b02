"""A bucket that people already have is used in place, and left as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from deploy.destroy import destroy
from deploy.doctor import queue_everything
from deploy.images import policy_hint
from local.stack import LocalStack, deploy, parameters
from local.user import User, until
from tests.unit.images import jpeg

NAME, BUCKET = "theirs", "photos-of-many-years"
# What the stack uses of the bucket, and what else is there.
PREFIX, OTHERS = "2024/", ("2023/", "2024-drafts/", "notes/")
IMAGES = 12
# The rest of what can be configured of a bucket is read with these calls.
CONFIGURATION = ("notification_configuration", "policy", "cors", "versioning", "tagging")
CORS = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}


def image(number: int) -> bytes:
    """A JPEG that differs from all others."""
    colour = (number * 7 % 256, number * 31 % 256, number * 101 % 256)
    return jpeg(colour, (32, 32), comment=str(number).encode())


def state() -> dict[str, Any]:
    """What S3 reports of the bucket: its configuration, and each object with its tags."""
    s3 = boto3.client("s3")
    found: dict[str, Any] = {}
    for name in CONFIGURATION:
        try:
            found[name] = getattr(s3, f"get_bucket_{name}")(Bucket=BUCKET)
            found[name].pop("ResponseMetadata")
        except s3.exceptions.ClientError as error:
            found[name] = error.response["Error"]["Code"]
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
    found["objects"] = {
        version["Key"]: (
            version["ETag"],
            version["LastModified"],
            s3.get_object_tagging(Bucket=BUCKET, Key=version["Key"])["TagSet"],
        )
        for page in pages
        for version in page["Versions"]
    }
    return found


@pytest.fixture(scope="module")
def before(local: LocalStack) -> dict[str, Any]:
    """A bucket without versions, with images under four prefixes and a notification of its own."""
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    s3.create_bucket(Bucket=BUCKET)
    queue = sqs.create_queue(QueueName="somebody-elses")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    allow = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allow | {"Action": "sqs:SendMessage"}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    notified = {"Id": "theirs", "QueueArn": arn["QueueArn"], "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [notified]}
    )
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [CORS]})
    for number in range(IMAGES):
        key = f"{(PREFIX, *OTHERS)[number % 4]}{number}.jpg"
        s3.put_object(Bucket=BUCKET, Key=key, Body=image(number), Tagging="of=theirs")
    s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}broken.jpg", Body=b"no image")
    return state()


def test_a_bucket_is_indexed_in_place_and_left_as_it_was(
    local: LocalStack, before: dict[str, Any], tiny_bundle: Path
) -> None:
    reported: list[str] = []
    given = parameters(local.index_port) | {"ImagesBucketName": BUCKET, "ImagesPrefix": PREFIX}
    made = deploy(NAME, tiny_bundle, given, local.port, say=reported.append)
    user = User(replace(local, stack=made))

    theirs = before["notification_configuration"]
    assert state()["notification_configuration"] == theirs | {"EventBridgeConfiguration": {}}
    assert any("sends its events to EventBridge" in line for line in reported)
    assert reported[-1] == policy_hint(BUCKET, PREFIX, made.outputs["DistributionId"])

    inside = sorted(key for key in before["objects"] if key.startswith(PREFIX))
    assert queue_everything(made.outputs) == len(inside)
    ours = [key for key in inside if not key.endswith("broken.jpg")]
    until(lambda: count(user) == len(ours), "not everything is indexed", patience=120)
    until(lambda: user.state(f"{PREFIX}broken.jpg")[0] == "rejected", "it is not rejected")
    assert listed(user) == inside
    assert "X-Amz-Signature" in user.image(ours[0])["url"]
    assert user.http.get("/api/trash").json()["available"] is False

    user.put("notes/new.jpg", image(-1))
    user.upload(f"{PREFIX}new.jpg", image(-2))
    user.wait_until_indexed(f"{PREFIX}new.jpg")
    outside = {"key": "new.jpg", "content_type": "image/jpeg", "size": 1}
    assert f"does not begin with '{PREFIX}'" in user.http.post("/api/uploads", json=outside).text
    assert (user.delete("notes/new.jpg").status_code, user.state("notes/new.jpg")) == (404, NOTHING)
    assert user.delete(f"{PREFIX}new.jpg").is_success
    until(lambda: count(user) == len(ours), "the deleted image is still found")
    user.s3.delete_object(Bucket=BUCKET, Key="notes/new.jpg")

    destroy(NAME, everything=True)

    assert state() == before


NOTHING = (None, None)


def count(user: User) -> int:
    """The number of indexed images."""
    return int(user.http.get("/api/health").json()["index"]["count"])


def listed(user: User) -> list[str]:
    """The keys of the gallery, all its pages."""
    keys, cursor = [], ""
    while cursor is not None:
        page = user.http.get("/api/images", params={"cursor": cursor, "limit": 100}).json()
        keys += [image["key"] for image in page["images"]]
        cursor = page["cursor"]
    return keys
