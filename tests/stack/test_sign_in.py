"""A stack that asks for an account: who gets in, and who does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import httpx
import pytest

from deploy.stack import deploy
from local.service import free_port
from local.smoke import until
from local.stack import NAME, LocalStack, started
from tests.stack.visitor import Visitor

UPLOAD = {"key": "a.jpg", "content_type": "image/jpeg", "size": 10}


@pytest.fixture(scope="module")
def local(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """An open stack that was then told to ask; whatever else it was told, it keeps."""
    data = tmp_path_factory.mktemp("sign-in")
    quiet = started(data, tiny_bundle, free_port(), free_port(), lambda _: None, enforce_iam=True)
    with quiet as stack:
        closed = deploy(NAME, None, {"Reads": "signed-in", "Writes": "signed-in"})
        yield LocalStack(closed, stack.port, stack.index_port)


@pytest.fixture(scope="module")
def visitor(local: LocalStack) -> Visitor:
    """Somebody with an account."""
    pool = local.stack.outputs["Users"]
    (client,) = boto3.client("cognito-idp").list_user_pool_clients(UserPoolId=pool)[
        "UserPoolClients"
    ]
    visitor = Visitor(pool, client["ClientId"], f"http://127.0.0.1:{local.port}")
    visitor.invite()
    return visitor


def test_a_stack_that_was_open_tells_where_to_sign_in_now(local: LocalStack) -> None:
    health = local.client().get("/api/health").json()

    assert (health["reads"], health["writes"]) == ("signed-in", "signed-in")
    assert health["sign_in"]["client"]


def upload(local: LocalStack, token: str | None) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return local.client().post("/api/uploads", json=UPLOAD, headers=headers).status_code


@pytest.mark.parametrize("token", [None, "x.y.z", "x"])
def test_nobody_writes_without_a_token(token: str | None, local: LocalStack) -> None:
    client = local.client()
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    assert client.post("/api/uploads", json=UPLOAD, headers=headers).status_code == 401
    assert client.delete("/api/images/a.jpg", headers=headers).status_code == 401


def test_who_signed_in_uploads_deletes_and_reads(local: LocalStack, visitor: Visitor) -> None:
    signed_in = local.client()
    signed_in.headers["Authorization"] = f"Bearer {visitor.token()}"

    assert signed_in.post("/api/uploads", json=UPLOAD).status_code == 201
    boto3.client("s3").put_object(Bucket=local.images_bucket, Key="b.jpg", Body=b"picture")
    assert signed_in.delete("/api/images/b.jpg").status_code == 204
    assert signed_in.get("/api/images").status_code == 200


def test_a_token_that_was_changed_is_refused(local: LocalStack, visitor: Visitor) -> None:
    head, body, signature = visitor.token().split(".")

    assert upload(local, f"{head}.{body}.{signature[::-1]}") == 401


def test_a_token_of_another_pool_is_refused(local: LocalStack, visitor: Visitor) -> None:
    cognito = boto3.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="page",
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email"],
        CallbackURLs=[visitor.page],
        SupportedIdentityProviders=["COGNITO"],
    )["UserPoolClient"]["ClientId"]
    stranger = Visitor(pool, client, visitor.gateway)
    stranger.invite()

    assert upload(local, stranger.token()) == 401


def test_a_token_ends(local: LocalStack, visitor: Visitor) -> None:
    client = boto3.client("cognito-idp")
    said = client.describe_user_pool_client(UserPoolId=visitor.pool, ClientId=visitor.client)
    kept = {
        name: value
        for name, value in said["UserPoolClient"].items()
        if name not in ("CreationDate", "LastModifiedDate", "DefaultRedirectURI")
    }
    short = {"AccessTokenValidity": 1, "TokenValidityUnits": {"AccessToken": "seconds"}}
    client.update_user_pool_client(**kept | short)
    token = visitor.token()
    client.update_user_pool_client(**kept)

    until(lambda: upload(local, token) == 401, "the token still opens")


def test_a_code_is_worth_nothing_without_what_the_page_keeps(visitor: Visitor) -> None:
    answer = visitor.exchange(visitor.code(), verifier="a" * 64)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_goes_to_the_page_only(visitor: Visitor) -> None:
    query = {
        "client_id": visitor.client,
        "redirect_uri": "https://example.com/",
        "response_type": "code",
    }

    answer = httpx.get(f"{visitor.gateway}/oauth2/authorize", params=query)

    assert answer.status_code == 400


def test_a_stack_that_shows_nothing_to_strangers_shows_no_pictures_either(
    local: LocalStack,
) -> None:
    boto3.client("s3").put_object(Bucket=local.images_bucket, Key="private.jpg", Body=b"picture")
    stranger = local.client()

    assert stranger.get("/api/images").status_code == 401
    assert stranger.post("/api/search", json={"terms": [{"text": "a cat"}]}).status_code == 401
    assert stranger.get("/images/private.jpg").status_code == 403
    assert stranger.get("/api/health").status_code == 200
    assert stranger.get("/").status_code == 200
