"""Malformed, expired, foreign and misused tokens open nothing.

Refresh tokens are left out: Cognito's are encrypted, the emulator's are like its access tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import boto3
import pytest

from local.user import until
from tests.stack.deployments.sign_in.routes import ROUTES, bearer, statuses
from tests.stack.raw import Raw
from tests.stack.visitor import PASSWORD, Visitor


@pytest.mark.parametrize("headers", [[], ["Authorization: Bearer x.y.z"]], ids=str)
def test_every_route_asks_for_a_token(headers: list[str], raw: Raw) -> None:
    assert statuses(raw, *headers, routes=ROUTES) == {401}


@pytest.mark.parametrize(
    "headers",
    [
        ["Authorization:"],
        ["Authorization: Bearer"],
        ["Authorization: Bearer "],
        ["Authorization: Bearer null"],
        ["Authorization: Bearer x"],
        ["Authorization: bearer x.y.z"],
        ["Authorization: Bearer .."],
        ["Authorization: Bearer e30.e30.e30"],
        ["Authorization: Bearer " + "." * 5000],
        ["Authorization: Bearer " + "e30." * 2000],
        ["Authorization: Bearer \xff\xfe.\xff.\xff"],
        ["Authorization: Basic c29tZWJvZHlAZXhhbXBsZS5jb206cGFzc3dvcmQ="],
        ['Authorization: Digest username="somebody@example.com"'],
        ["Authorization: Bearer x.y.z", "Authorization: Bearer a.b.c"],
        ["X-Amzn-Oidc-Data: e30.e30.e30", "X-Amzn-Oidc-Identity: somebody"],
        ["X-Forwarded-User: somebody@example.com"],
    ],
    ids=lambda headers: str(headers)[:50],
)
def test_nothing_opens_but_a_token(headers: list[str], raw: Raw) -> None:
    assert statuses(raw, *headers) == {401}


@pytest.mark.parametrize(
    "header",
    [
        "Authorization: Basic {}",
        "Authorization: Token {}",
        "Authorization: Bearer Bearer {}",
        "Authorization: Bearer={}",
        "Authorization: Bearer {0}.{0}",
        'Authorization: Bearer "{}"',
        "Authorization: Bearer x.y.z,Bearer {}",
        "X-Authorization: Bearer {}",
        "Proxy-Authorization: Bearer {}",
        "X-Amz-Security-Token: {}",
        "Cookie: access_token={0}; Authorization=Bearer {0}",
    ],
)
def test_a_good_token_that_is_not_sent_as_one_opens_nothing(
    header: str, good: dict[str, str], raw: Raw
) -> None:
    assert statuses(raw, header.format(good["access_token"])) == {401}


@pytest.mark.parametrize("name", ["access_token", "token", "Authorization", "authorization"])
def test_a_good_token_in_an_address_opens_nothing(
    name: str, good: dict[str, str], raw: Raw
) -> None:
    assert statuses(raw, query=f"?{name}={good['access_token']}") == {401}


def test_a_good_token_beside_another_opens_nothing(good: dict[str, str], raw: Raw) -> None:
    both = [bearer(good["access_token"]), bearer("x.y.z")]

    assert statuses(raw, *both) == statuses(raw, *reversed(both)) == {401}


def test_a_token_that_tells_who_one_is_opens_nothing(good: dict[str, str], raw: Raw) -> None:
    assert statuses(raw, bearer(good["id_token"])) == {403}


@pytest.mark.parametrize("scope", ["email", ""])
def test_a_token_without_the_page_s_scope_opens_nothing(
    scope: str, visitor: Visitor, raw: Raw
) -> None:
    with client_changed(visitor, AllowedOAuthScopes=["email"]):
        token = replace(visitor, scope=scope).token()

    assert statuses(raw, bearer(token)) == {403}


def test_a_token_of_a_password_opens_nothing(visitor: Visitor, raw: Raw) -> None:
    flow = "ADMIN_USER_PASSWORD_AUTH"
    with client_changed(visitor, ExplicitAuthFlows=[f"ALLOW_{flow}"]):
        answer = boto3.client("cognito-idp").admin_initiate_auth(
            UserPoolId=visitor.pool,
            ClientId=visitor.client,
            AuthFlow=flow,
            AuthParameters={"USERNAME": visitor.name, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]

    assert statuses(raw, bearer(answer["AccessToken"])) == {403}
    assert statuses(raw, bearer(answer["IdToken"])) == {403}


def test_a_token_of_another_pool_opens_nothing(visitor: Visitor, raw: Raw) -> None:
    pool = boto3.client("cognito-idp").create_user_pool(PoolName="other")["UserPool"]["Id"]
    stranger = Visitor(pool, new_client(pool, visitor.page), visitor.gateway)
    stranger.invite()

    assert statuses(raw, bearer(stranger.token())) == {401}


def test_a_token_of_another_client_of_the_pool_opens_nothing(visitor: Visitor, raw: Raw) -> None:
    other = replace(visitor, client=new_client(visitor.pool, visitor.page))

    assert statuses(raw, bearer(other.token())) == {401}


def test_a_token_ends(visitor: Visitor, raw: Raw) -> None:
    short = {"AccessTokenValidity": 1, "TokenValidityUnits": {"AccessToken": "seconds"}}
    with client_changed(visitor, **short):
        token = visitor.token()

    first = (ROUTES[0], bearer(token).encode())
    until(lambda: raw.write(*first).status == 401, "the token still opens")
    assert statuses(raw, bearer(token)) == {401}


def new_client(pool: str, page: str) -> str:
    """A client like the page's."""
    return str(
        boto3.client("cognito-idp").create_user_pool_client(
            UserPoolId=pool,
            ClientName="other",
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid", "email"],
            CallbackURLs=[page],
            SupportedIdentityProviders=["COGNITO"],
        )["UserPoolClient"]["ClientId"]
    )


@contextmanager
def client_changed(visitor: Visitor, **changes: Any) -> Iterator[None]:
    """Change the page's client until the block ends."""
    cognito = boto3.client("cognito-idp")
    described = cognito.describe_user_pool_client(UserPoolId=visitor.pool, ClientId=visitor.client)
    kept = {
        name: value
        for name, value in described["UserPoolClient"].items()
        if name not in ("CreationDate", "LastModifiedDate", "DefaultRedirectURI")
    }
    cognito.update_user_pool_client(**kept | changes)
    try:
        yield
    finally:
        cognito.update_user_pool_client(**kept)
