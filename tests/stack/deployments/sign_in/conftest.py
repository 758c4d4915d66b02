"""A stack that requires an account, and a user who has one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import boto3
import pytest

from deploy.stack import Stack
from local.stack import NAME, LocalStack, deploy
from tests.stack.raw import Raw
from tests.stack.visitor import Visitor


@dataclass(frozen=True)
class Closing:
    """A deployment after which reading and writing ask for an account, with another index."""

    users_before: str
    stack: Stack
    invalidations: int
    """How often it made the stack's edges forget."""


@pytest.fixture(scope="package")
def closing(deployed: LocalStack) -> Iterator[Closing]:
    """An open stack that was then deployed to require a sign-in; its other settings stay."""
    before = _invalidations(deployed.stack)
    changes = {"Reads": "signed-in", "Writes": "signed-in", "PineconeIndex": "another"}
    closed = deploy(NAME, None, changes, deployed.port)
    yield Closing(deployed.stack.outputs["Users"], closed, _invalidations(closed) - before)
    deploy(NAME, None, {"Reads": "open", "Writes": "open"}, deployed.port)


def _invalidations(stack: Stack) -> int:
    listed = boto3.client("cloudfront").list_invalidations(
        DistributionId=stack.outputs["DistributionId"]
    )
    return len(listed["InvalidationList"].get("Items", []))


@pytest.fixture(scope="package")
def local(deployed: LocalStack, closing: Closing) -> LocalStack:
    return replace(deployed, stack=closing.stack)


@pytest.fixture(scope="package")
def visitor(local: LocalStack) -> Visitor:
    """A user with an account."""
    pool = local.stack.outputs["Users"]
    (client,) = boto3.client("cognito-idp").list_user_pool_clients(UserPoolId=pool)[
        "UserPoolClients"
    ]
    visitor = Visitor(pool, client["ClientId"], f"http://127.0.0.1:{local.port}")
    visitor.invite()
    return visitor


@pytest.fixture(scope="module")
def raw(local: LocalStack) -> Raw:
    return Raw(local)


@pytest.fixture(scope="module")
def good(visitor: Visitor) -> dict[str, str]:
    """The tokens of a user who signed in."""
    return visitor.tokens()


@pytest.fixture(autouse=True)
def kept(local: LocalStack) -> None:
    """An image that no test may delete."""
    boto3.client("s3").put_object(Bucket=local.images_bucket, Key="kept.jpg", Body=b"image")
