"""A stack whose bucket and index are compared by themselves, by functions with least rights."""

from __future__ import annotations

import json

import boto3
import pytest

from deploy.doctor import queue_everything
from local.stack import NAME, LocalStack, deploy
from local.user import User, until
from tests.stack.commands import wait_until_consistent
from tests.unit.images import jpeg


def test_what_differs_is_found_and_indexed_again(
    local: LocalStack, request: pytest.FixtureRequest
) -> None:
    user, states = User(local), boto3.client("stepfunctions")
    stack = deploy(NAME, None, {"Doctor": "daily"}, local.port)
    user.put("lost.jpg", jpeg("olive"))
    queue_everything(stack.outputs)
    wait_until_consistent(stack.outputs)
    request.getfixturevalue("no_events")
    user.put("lost.jpg", jpeg("plum"))
    user.put("new.jpg", jpeg("peru"))

    (schedule,) = boto3.client("scheduler").list_schedules()["Schedules"]
    loop, target = stack.outputs["DoctorLoop"], schedule["Target"]["Arn"]
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
