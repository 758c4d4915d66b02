"""A stack that asks for an account opens to users who signed in at its page, and to nobody else."""

from __future__ import annotations

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from local.stack import LocalStack
from tests.stack.deployments.sign_in.routes import ROUTES, bearer
from tests.stack.raw import Raw
from tests.stack.visitor import PASSWORD, Visitor

UPLOAD = {"key": "a.jpg", "content_type": "image/jpeg", "size": 10}


def test_a_stack_that_was_open_tells_where_to_sign_in_now(local: LocalStack) -> None:
    health = local.client().get("/api/health").json()

    assert (health["reads"], health["writes"]) == ("signed-in", "signed-in")
    assert health["sign_in"]["client"]


def test_who_signed_in_uploads_deletes_and_reads(local: LocalStack, visitor: Visitor) -> None:
    signed_in = local.client()
    signed_in.headers["Authorization"] = f"Bearer {visitor.token()}"

    assert signed_in.post("/api/uploads", json=UPLOAD).status_code == 201
    boto3.client("s3").put_object(Bucket=local.images_bucket, Key="b.jpg", Body=b"image")
    assert signed_in.delete("/api/image?key=b.jpg").status_code == 204
    assert signed_in.get("/api/images").status_code == 200


def test_a_renewed_token_opens_like_the_first(
    good: dict[str, str], visitor: Visitor, raw: Raw
) -> None:
    fields = {"grant_type": "refresh_token", "client_id": visitor.client}
    refresh = {"refresh_token": good["refresh_token"]}

    renewed = httpx.post(f"{visitor.gateway}/oauth2/token", data=fields | refresh).json()

    for token in (good["access_token"], renewed["access_token"]):
        assert raw.write("GET /api/image?key=kept.jpg", bearer(token).encode()).status == 200


def test_what_somebody_was_shown_is_not_shown_to_others(good: dict[str, str], raw: Raw) -> None:
    opened = [route for route in ROUTES if route.startswith("GET")]

    for route in opened:
        raw.write(route, bearer(good["access_token"]).encode())

    assert {raw.write(route).status for route in opened} == {401}


def test_the_api_s_own_address_asks_for_the_same(good: dict[str, str], raw: Raw) -> None:
    api = raw.local.function("Api")
    images = f"/_aws/execute-api/{api}/$default/api/images"
    asked = {"Host": "localhost"}

    assert raw.send("GET", images, None, asked).status == 401
    assert raw.send("GET", images, None, asked | {"Authorization": "Bearer x.y.z"}).status == 401
    token = {"Authorization": f"Bearer {good['id_token']}"}
    assert raw.send("GET", images, None, asked | token).status == 403


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


def test_a_stack_that_shows_nothing_to_strangers_shows_no_images_either(
    local: LocalStack,
) -> None:
    boto3.client("s3").put_object(Bucket=local.images_bucket, Key="private.jpg", Body=b"image")
    stranger = local.client()

    assert stranger.get("/api/images").status_code == 401
    assert stranger.post("/api/search", json={"terms": [{"text": "a cat"}]}).status_code == 401
    assert stranger.get("/images/private.jpg").status_code == 403
    assert stranger.get("/api/health").status_code == 200
    assert stranger.get("/").status_code == 200


@pytest.mark.parametrize("flow", ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"])
def test_not_even_an_administrator_signs_in_past_the_page(flow: str, visitor: Visitor) -> None:
    typed = {"USERNAME": visitor.name, "PASSWORD": PASSWORD}

    with pytest.raises(ClientError, match="not enabled"):
        boto3.client("cognito-idp").admin_initiate_auth(
            UserPoolId=visitor.pool, ClientId=visitor.client, AuthFlow=flow, AuthParameters=typed
        )


def test_no_client_takes_a_password_past_the_page(visitor: Visitor) -> None:
    typed = {"USERNAME": visitor.name, "PASSWORD": PASSWORD}

    with pytest.raises(ClientError, match="not enabled"):
        boto3.client("cognito-idp").initiate_auth(
            ClientId=visitor.client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=typed
        )
