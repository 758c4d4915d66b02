"""A stack that requires an account, and a user who has one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest

from local.stack import NAME, LocalStack, deploy
from tests.stack.raw import Raw
from tests.stack.visitor import Visitor


@pytest.fixture(scope="package")
def local(local: LocalStack) -> Iterator[LocalStack]:
    """An open stack that was then deployed to require a sign-in; its other settings stay."""
    closed = deploy(NAME, None, {"Reads": "signed-in", "Writes": "signed-in"}, local.port)
    yield replace(local, stack=closed)
    deploy(NAME, None, {"Reads": "open", "Writes": "open"}, local.port)


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
