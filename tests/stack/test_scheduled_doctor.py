"""A stack whose bucket and index are compared by themselves, by functions with least rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from local.service import free_port
from local.stack import NAME, LocalStack, deploy, started
from local.user import User, until
from tests.unit.images import jpeg


@pytest.fixture(scope="module")
def local(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    data = tmp_path_factory.mktemp("scheduled")
    quiet = started(data, tiny_bundle, free_port(), free_port(), lambda _: None, enforce_iam=True)
    with quiet as stack:
        changed = deploy(NAME, None, {"Doctor": "daily"}, stack.port)
        yield LocalStack(changed, stack.port, stack.index_port, stack.log)


def test_what_differs_is_found_and_indexed_again(local: LocalStack) -> None:
    user, states = User(local), boto3.client("stepfunctions")
    user.put("lost.jpg", jpeg("olive"))
    user.wait_until_indexed("lost.jpg")
    boto3.client("s3").put_bucket_notification_configuration(
        Bucket=local.images_bucket, NotificationConfiguration={}
    )
    user.put("lost.jpg", jpeg("plum"))
    user.put("new.jpg", jpeg("peru"))

    (schedule,) = boto3.client("scheduler").list_schedules()["Schedules"]
    loop, target = local.stack.outputs["DoctorLoop"], schedule["Target"]["Arn"]
    execution = states.start_execution(stateMachineArn=loop, input='{"place":""}')["executionArn"]
    until(
        lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING",
        "the comparison does not end",
    )

    ended = states.describe_execution(executionArn=execution)
    assert (ended["status"], target) == ("SUCCEEDED", loop), ended
    totals = json.loads(ended["output"])["totals"]
    assert (totals["missing"], totals["stale"]) == (1, 1)
    for key in ("lost.jpg", "new.jpg"):
        user.wait_until_indexed(key)
