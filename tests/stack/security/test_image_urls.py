"""No response runs scripts in a browser, and image URLs serve images only."""

from __future__ import annotations

from urllib.parse import urlencode

import boto3
import pytest

from local.user import User
from tests.stack.raw import PHOTOGRAPH, Raw


@pytest.mark.parametrize("key", ["<script>alert(1)</script>.jpg", "'\"><img src=x onerror=1>.jpg"])
def test_markup_in_a_key_is_text(key: str, raw: Raw, user: User) -> None:
    user.put(key, PHOTOGRAPH)
    quoted = "/api/image?" + urlencode({"key": key})

    answers = [
        raw.send("GET", quoted),
        raw.send("GET", "/api/images"),
        raw.send("GET", quoted[:-1]),
    ]

    for answer in answers:
        assert answer.headers["content-type"] in ("application/json", "application/problem+json")
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert answers[0].json["key"] == key
    assert user.delete(key).status_code == 204


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml"])
def test_a_script_with_an_image_s_name_does_not_run(content_type: str, user: User) -> None:
    script = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    boto3.client("s3").put_object(
        Bucket=user.bucket, Key="script.jpg", Body=script, ContentType=content_type
    )

    headers = user.http.get("/images/script.jpg").headers

    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "query", ["acl", "versionId=null", "v=x&acl", "response-content-type=text/html"]
)
def test_nothing_is_asked_of_s3_beside_the_image(
    query: str, kept: str, raw: Raw, user: User
) -> None:
    plain = raw.send("GET", f"/images/{kept}")

    answer = raw.send("GET", f"/images/{kept}?{query}")

    assert (answer.status, answer.body) == (200, PHOTOGRAPH)
    sent = ("content-type", "content-disposition", "cache-control", "content-security-policy")
    assert [answer.headers.get(n) for n in sent] == [plain.headers.get(n) for n in sent]


@pytest.mark.parametrize("query", ["", "list-type=2"])
@pytest.mark.parametrize("folder", ["/images/", "/thumbs"])
def test_no_address_lists_a_bucket(folder: str, query: str, raw: Raw) -> None:
    answer = raw.send("GET", f"{folder}?{query}")

    assert 400 <= answer.status < 500
    assert b"<Key>" not in answer.body
