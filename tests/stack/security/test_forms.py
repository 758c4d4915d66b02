"""Upload forms that were altered: S3 takes them as they were signed, or not at all."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from local.stack import LocalStack
from local.user import User
from tests.stack.raw import upload

FIELDS = ["key", "Content-Type", "policy", "x-amz-signature"]


@pytest.fixture(scope="module")
def form(user: User) -> dict[str, Any]:
    """A form for one upload, as S3 signed it."""
    return dict(user.http.post("/api/uploads", json=upload("signed.jpg")).json())


def changed(field: str) -> str:
    """The same with another last letter, whatever it is encoded with."""
    return field[:-2] + ("x" if field[-2] != "x" else "y") + field[-1]


def send(form: Mapping[str, Any], fields: Mapping[str, str], data: bytes = b"x" * 10) -> int:
    return httpx.post(form["url"], data=dict(fields), files={"file": data}, timeout=60).status_code


def send_parts(form: Mapping[str, Any], parts: Sequence[tuple[str, str]]) -> int:
    """Send a form whose fields may come twice; `file` is the picture, with a name."""
    named = [(name, (None if name != "file" else "../../evil.jpg", value)) for name, value in parts]
    return httpx.post(form["url"], files=named, timeout=60).status_code


def test_a_form_names_every_field_that_it_signs(form: dict[str, Any]) -> None:
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))

    signed = {name for rule in policy["conditions"] if isinstance(rule, dict) for name in rule}
    assert form["fields"].keys() - {"policy", "x-amz-signature"} <= signed
    assert "bucket" in signed
    assert send(form, form["fields"]) == 204


def test_a_form_ends_within_a_quarter_of_an_hour(form: dict[str, Any]) -> None:
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))

    ends = datetime.fromisoformat(policy["expiration"])
    assert datetime.now(UTC) < ends <= datetime.now(UTC) + timedelta(minutes=15)


@pytest.mark.parametrize("name", FIELDS)
def test_a_form_with_a_changed_field_is_refused(name: str, form: dict[str, Any]) -> None:
    fields = form["fields"]

    assert send(form, fields | {name: changed(fields[name])}) in (400, 403)


@pytest.mark.parametrize("name", FIELDS)
def test_a_form_without_a_field_is_refused(name: str, form: dict[str, Any]) -> None:
    fields = {field: value for field, value in form["fields"].items() if field != name}

    assert send(form, fields) in (400, 403)


@pytest.mark.parametrize("name", ["acl", "success_action_redirect", "x-amz-meta-note"])
def test_a_form_with_a_field_more_is_refused(name: str, form: dict[str, Any]) -> None:
    assert send(form, form["fields"] | {name: "public-read"}) == 403


@pytest.mark.parametrize(
    "wider",
    [
        {"conditions": []},
        {"expiration": "2099-01-01T00:00:00Z"},
        {"conditions": [["starts-with", "$key", ""]]},
    ],
)
def test_a_form_with_another_policy_is_refused(wider: dict[str, Any], form: dict[str, Any]) -> None:
    policy = json.loads(base64.b64decode(form["fields"]["policy"])) | wider
    other = base64.b64encode(json.dumps(policy).encode()).decode()

    assert send(form, form["fields"] | {"policy": other}) == 403


@pytest.mark.parametrize("bucket", ["WebBucket", "ThumbnailsBucket"])
def test_a_form_is_for_the_images_alone(
    bucket: str, form: dict[str, Any], local: LocalStack
) -> None:
    other = form["url"].replace(local.images_bucket, local.stack.outputs[bucket])

    assert send(form | {"url": other}, form["fields"]) == 403


@pytest.mark.parametrize("name", ["key", "KEY"])
@pytest.mark.parametrize("place", [0, -1], ids=["first", "before the file"])
def test_a_form_with_two_keys_stores_nothing_under_the_other(
    place: int, name: str, form: dict[str, Any], user: User
) -> None:
    parts = [*form["fields"].items(), ("file", "x" * 10)]
    parts.insert(place, (name, "evil.jpg"))

    assert send_parts(form, parts) in (204, 400, 403)
    for prefix in ("evil", ".."):
        assert user.http.get("/api/images", params={"prefix": prefix}).json()["images"] == []


@pytest.mark.parametrize("size", [0, 50 * 2**20 + 1])
def test_a_file_of_another_size_is_refused(size: int, form: dict[str, Any]) -> None:
    assert send(form, form["fields"], bytes(size)) == 400
