"""One deployment that changes much: a lost index, another bundle, and a comparison every day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from deploy import cloudformation
from deploy.doctor import queue_everything
from deploy.stack import Stack, pinecone
from local.stack import NAME, LocalStack, deploy
from local.user import User, until
from tests.stack.commands import wait_until_consistent
from tests.stack.deployments.bundles import renamed
from tests.unit.images import jpeg

BUNDLE = "tiny-fp32-00000001"


@dataclass(frozen=True)
class Change:
    """What a deployment reported, and what it made of a stack that has an image."""

    reported: list[str]
    stack: Stack
    state: tuple[str | None, str | None]
    """Of the image, before anything else happened."""


@pytest.fixture(scope="module")
def change(
    local: LocalStack, tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory
) -> Change:
    user, reported = User(local), list[str]()
    user.put("a.jpg", jpeg("olive"))
    user.wait_until_indexed("a.jpg")
    pinecone(parameters()).delete_index(parameters()["PineconeIndex"])
    bundle = renamed(tiny_bundle, tmp_path_factory.mktemp("bundles") / "new", BUNDLE)

    stack = deploy(NAME, bundle, {"Doctor": "daily"}, local.port, say=reported.append)

    return Change(reported, stack, user.state("a.jpg"))


def parameters() -> dict[str, str]:
    """The stack's parameters."""
    return cloudformation.parameters(NAME) or {}


def test_a_lost_index_is_made_again(change: Change) -> None:
    index = parameters()["PineconeIndex"]
    lost = f"the index {index} is lost: creating an empty one, which make doctor FIX=1 fills"

    assert change.reported[0] == lost
    assert pinecone(parameters()).has_index(index)


def test_another_bundle_serves_and_queueing_everything_fills_its_namespace(
    change: Change, local: LocalStack
) -> None:
    user = User(local)

    assert user.http.get("/api/health").json()["bundle"]["id"] == BUNDLE
    assert change.state == ("pending", None)
    everything = user.s3.list_objects_v2(Bucket=user.bucket)["KeyCount"]
    assert queue_everything(change.stack.outputs) == everything
    user.wait_until_indexed("a.jpg")


def test_what_differs_is_found_and_indexed_again_on_schedule(
    change: Change, local: LocalStack, request: pytest.FixtureRequest
) -> None:
    user, states = User(local), boto3.client("stepfunctions")
    user.put("lost.jpg", jpeg("olive"))
    queue_everything(change.stack.outputs)
    wait_until_consistent(change.stack.outputs)
    request.getfixturevalue("no_events")
    user.put("lost.jpg", jpeg("plum"))
    user.put("new.jpg", jpeg("peru"))

    (schedule,) = boto3.client("scheduler").list_schedules()["Schedules"]
    loop, target = change.stack.outputs["DoctorLoop"], schedule["Target"]["Arn"]
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


def test_a_deployment_that_changes_nothing_leaves_the_stack_alone(local: LocalStack) -> None:
    reported: list[str] = []

    deploy(NAME, None, {}, local.port, say=reported.append)

    assert reported == []
