"""A stack that asks for an account, and somebody who has one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from local.service import free_port
from local.stack import NAME, LocalStack, deploy, started
from tests.stack.raw import Raw
from tests.stack.visitor import Visitor


@pytest.fixture(scope="package")
def local(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """An open stack that was then deployed to require a sign-in; its other settings stay."""
    data = tmp_path_factory.mktemp("sign-in")
    quiet = started(data, tiny_bundle, free_port(), free_port(), lambda _: None, enforce_iam=True)
    with quiet as stack:
        closed = deploy(NAME, None, {"Reads": "signed-in", "Writes": "signed-in"}, stack.port)
        yield LocalStack(closed, stack.port, stack.index_port, stack.log)


@pytest.fixture(scope="package")
def visitor(local: LocalStack) -> Visitor:
    """Somebody with an account."""
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
    """Tokens of somebody who signed in, and may."""
    return visitor.tokens()


@pytest.fixture(autouse=True)
def kept(local: LocalStack) -> None:
    """An image that nobody may delete."""
    boto3.client("s3").put_object(Bucket=local.images_bucket, Key="kept.jpg", Body=b"image")
