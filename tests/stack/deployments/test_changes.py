"""Changes of a stack that CloudFormation alone would not carry through."""

from __future__ import annotations

import boto3
from pinecone import Pinecone

from deploy import cloudformation
from local.stack import NAME, SAMPLES, LocalStack, deploy
from local.user import User


def served(local: LocalStack, resource: str) -> dict[str, str]:
    """The environment of the version that the alias names."""
    functions, name = boto3.client("lambda"), local.function(resource)
    answer = functions.get_function_configuration(FunctionName=name, Qualifier="live")
    return dict(answer["Environment"]["Variables"])


def invalidations(local: LocalStack) -> int:
    """How often the stack's edges were made to forget."""
    distribution = local.stack.outputs["DistributionId"]
    listed = boto3.client("cloudfront").list_invalidations(DistributionId=distribution)
    return len(listed["InvalidationList"].get("Items", []))


def test_a_lost_index_is_made_again_by_the_next_deployment(local: LocalStack) -> None:
    pinecone = Pinecone(api_key="any", host=f"http://127.0.0.1:{local.index_port}")
    pinecone.delete_index("image-search")
    reported: list[str] = []

    deploy(NAME, None, {}, local.port, say=reported.append)

    assert pinecone.has_index("image-search")
    lost = "the index image-search is lost: creating an empty one, which make doctor FIX=1 fills"
    assert reported[0] == lost
    user = User(local)
    user.put("a.jpg", next(SAMPLES.rglob("*.jpg")).read_bytes())
    user.wait_until_indexed("a.jpg")


def test_a_deployment_that_changes_nothing_leaves_the_stack_alone(local: LocalStack) -> None:
    reported: list[str] = []

    deploy(NAME, None, {}, local.port, say=reported.append)

    assert reported == []


def test_accounts_stay_and_edges_forget_when_reading_and_writing_change(local: LocalStack) -> None:
    users = local.stack.outputs["Users"]
    before = invalidations(local)

    closed = deploy(NAME, None, {"Reads": "signed-in", "Writes": "off"}, local.port)
    forgotten = invalidations(local) - before
    deploy(NAME, None, {"Reads": "open"}, local.port)

    assert closed.outputs["Users"] == users
    assert (cloudformation.parameters(NAME) or {})["Writes"] == "off"
    assert forgotten == 1
    assert served(local, "SearchFunction")["READS"] == "open"


def test_another_index_goes_live(local: LocalStack) -> None:
    deploy(NAME, None, {"PineconeIndex": "another", "Writes": "open"}, local.port)

    for function in ("IndexFunction", "SearchFunction"):
        assert served(local, function)["INDEX_HOST"].endswith("/another")
