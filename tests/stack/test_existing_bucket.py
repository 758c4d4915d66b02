"""A bucket that people already have is used in place, and left as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from deploy.destroy import destroy
from deploy.doctor import queue_everything
from local.service import free_port
from local.stack import SAMPLES, LocalStack, deploy, parameters, started
from local.user import User, until

BUCKET = "photos-of-many-years"
PICTURES = [path.read_bytes() for path in sorted(SAMPLES.rglob("*.jpg"))[:4]]


@pytest.fixture(scope="module")
def emulator(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    data = tmp_path_factory.mktemp("existing")
    quiet = started(data, tiny_bundle, free_port(), free_port(), lambda _: None, enforce_iam=True)
    with quiet as stack:
        yield stack


def notifications() -> dict[str, Any]:
    told = boto3.client("s3").get_bucket_notification_configuration(Bucket=BUCKET)
    told.pop("ResponseMetadata")
    return told


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    """A bucket without versions, with images under two prefixes and a notification of its own."""
    s3, sqs = boto3.client("s3"), boto3.client("sqs")
    s3.create_bucket(Bucket=BUCKET)
    queue = sqs.create_queue(QueueName="somebody-elses")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    allow = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allow | {"Action": "sqs:SendMessage"}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    told = {"Id": "theirs", "QueueArn": arn["QueueArn"], "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [told]}
    )
    for number, data in enumerate(PICTURES):
        s3.put_object(Bucket=BUCKET, Key=f"{('2024', 'notes')[number % 2]}/{number}.jpg", Body=data)
    return notifications()


def test_a_bucket_is_indexed_in_place_and_left_as_it_was(
    emulator: LocalStack, before: dict[str, Any], tiny_bundle: Path
) -> None:
    said: list[str] = []
    given = parameters(emulator.index_port) | {"ImagesBucketName": BUCKET, "ImagesPrefix": "2024/"}
    made = deploy("second", tiny_bundle, given, emulator.port, say=said.append)
    user = User(LocalStack(made, emulator.port, emulator.index_port, emulator.log))

    assert notifications() == before | {"EventBridgeConfiguration": {}}
    assert any("sends its events to EventBridge" in line for line in said)
    assert any("has no CORS rule for PUT" in line for line in said)
    assert queue_everything(made.outputs) == 2
    user.put("2024/new.jpg", PICTURES[0])
    user.put("notes/new.jpg", PICTURES[0])
    for key in ("2024/0.jpg", "2024/2.jpg", "2024/new.jpg"):
        user.wait_until_indexed(key)
    assert "X-Amz-Signature" in user.image("2024/0.jpg")["url"]
    boto3.client("s3").delete_object(Bucket=BUCKET, Key="2024/0.jpg")
    until(lambda: user.found(key="2024/new.jpg") == ["2024/2.jpg"], "something else is found")

    destroy("second", everything=False)

    assert notifications() == before
    objects = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert len(objects) == len(PICTURES) - 1 + 2
