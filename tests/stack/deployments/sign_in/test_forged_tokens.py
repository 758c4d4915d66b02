"""Tokens that were forged without the key of the pool are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.stack.deployments.sign_in.forgery import (
    Claims,
    Sign,
    by_own_key,
    by_secret,
    forged,
    own_key,
    public_pem,
    unsigned,
)
from tests.stack.deployments.sign_in.routes import bearer, statuses
from tests.stack.raw import Raw
from tests.stack.visitor import Visitor

TOMORROW = 4_000_000_000


@pytest.mark.parametrize(
    "change",
    [
        lambda signature: signature[::-1],
        lambda signature: signature[:-4],
        lambda signature: "A" * len(signature),
        lambda _: "",
    ],
    ids=["reversed", "cut", "zeros", "none"],
)
def test_a_token_with_a_changed_signature_opens_nothing(
    change: Callable[[str], str], good: dict[str, str], raw: Raw
) -> None:
    head, body, signature = good["access_token"].split(".")

    assert statuses(raw, bearer(f"{head}.{body}.{change(signature)}")) == {401}


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": TOMORROW},
        {"sub": "somebody-else"},
        {"scope": "openid email aws.cognito.signin.user.admin"},
        {"token_use": "id"},
        {"nbf": 0},
    ],
    ids=str,
)
def test_a_token_that_says_something_else_opens_nothing(
    claims: dict[str, Any], good: dict[str, str], raw: Raw
) -> None:
    assert statuses(raw, bearer(forged(good["access_token"], {}, claims))) == {401}


@pytest.mark.parametrize("sign", [unsigned, None], ids=["unsigned", "its own signature"])
@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
def test_a_token_that_nobody_signed_opens_nothing(
    name: str, sign: Sign | None, good: dict[str, str], raw: Raw
) -> None:
    token = forged(good["access_token"], {"alg": name}, {"exp": TOMORROW}, sign)

    assert statuses(raw, bearer(token)) == {401}


@pytest.mark.parametrize(
    "secret",
    [public_pem, lambda key: public_pem(key).strip(), lambda key: key["n"].encode(), lambda _: b""],
    ids=["PEM", "PEM without its last line break", "modulus", "nothing"],
)
def test_a_token_signed_with_a_public_key_as_secret_opens_nothing(
    secret: Callable[[Claims], bytes], good: dict[str, str], visitor: Visitor, raw: Raw
) -> None:
    published = httpx.get(f"{visitor.gateway}/{visitor.pool}/.well-known/jwks.json").json()["keys"]
    headers = [{"alg": "HS256", "kid": key["kid"]} for key in published]

    tokens = [
        forged(good["access_token"], header, {}, by_secret(secret(key)))
        for header, key in zip(headers, published, strict=True)
    ]

    assert tokens
    assert [statuses(raw, bearer(token)) for token in tokens] == [{401}] * len(tokens)


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"kid": "own", "jwk": own_key()},
        {"kid": "own", "jku": "https://evil.example/keys.json"},
        {"kid": "own", "x5u": "https://evil.example/key.pem"},
        {"kid": "../../../../dev/null"},
        {"kid": "' OR '1'='1"},
        {"kid": ["own"]},
        {"kid": None},
        {"crit": ["exp"], "b64": False},
    ],
    ids=lambda header: str(header)[:40],
)
def test_a_token_that_somebody_else_signed_opens_nothing(
    header: dict[str, Any], good: dict[str, str], raw: Raw
) -> None:
    token = forged(good["access_token"], header, {"exp": TOMORROW}, by_own_key)

    assert statuses(raw, bearer(token)) == {401}
