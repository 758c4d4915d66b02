"""Nobody gets in: hostile keys, forms, bodies, parameters and headers, against the whole stack.

Tokens are in test_sign_in. Every refusal is a 4xx that tells nothing of the inside. The emulator's
S3 names the bucket in its own errors, which S3 does not do for CloudFront.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
from collections.abc import Mapping
from typing import Any

import boto3
import httpx
import pytest

from local.smoke import SAMPLES, User
from local.stack import LocalStack

PHOTOGRAPH = next(SAMPLES.rglob("*.jpg")).read_bytes()
JSON = {"Content-Type": "application/json"}
# What only the inside knows.
INSIDE = re.compile(
    rb"arn:aws|Traceback|File \"|\.py\b|/site-packages|/tmp/|image_search\.|botocore|boto3"
    rb"|pydantic|ministack|127\.0\.0\.1|localhost|Error\b|set_int_max_str_digits|AKIA|ASIA"
)
ESCAPES = [
    "..",
    "../index.html",
    "%2e%2e",
    "%2e%2e/%2e%2e/index.html",
    "%252e%252e%252findex.html",
    "..%2f..%2findex.html",
    "..%5c..%5cindex.html",
    "\\..\\index.html",
    "..;/index.html",
    "x/../../index.html",
    "/images/index.html",
    "//etc/passwd",
    "%00",
    "index.html%00.jpg",
    "%ff%fe",
    "%c0%ae%c0%ae/index.html",
    "%zz",
    "x" * 2000,
]


class Raw:
    """Requests as they are written: no client tidies up path, headers or length."""

    def __init__(self, local: LocalStack) -> None:
        """Nothing is called yet."""
        self._local = local

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._local.port, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        length = {} if body is None else {"Content-Length": str(len(body))}
        for name, value in ({"Host": self._local.host} | length | dict(headers or {})).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        with connection.getresponse() as response:
            return Answer(response.status, response.read(), dict(response.headers))

    def post(self, path: str, body: Any) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", path, data, JSON)


class Answer:
    """What came back."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Keep it; names of headers in small letters."""
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers.items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@pytest.fixture(scope="module")
def raw(local: LocalStack) -> Raw:
    return Raw(local)


@pytest.fixture(scope="module")
def form(user: User) -> dict[str, Any]:
    """A form for one upload, as S3 signed it."""
    return dict(user.http.post("/api/uploads", json=upload("signed.jpg")).json())


def upload(key: str) -> dict[str, Any]:
    return {"key": key, "content_type": "image/jpeg", "size": 10, "replace": True}


def assert_refused(answer: Answer) -> None:
    """A problem of ours, which says nothing of the inside."""
    assert 400 <= answer.status < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not INSIDE.search(answer.body)


# ---- keys ----


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("folder", ["/images/", "/thumbs/", "/"])
def test_no_path_leads_out_of_a_bucket(folder: str, escape: str, raw: Raw) -> None:
    answer = raw.send("GET", folder + escape)

    assert 400 <= answer.status < 500
    assert b"<!doctype html>" not in answer.body.lower()


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_no_key_leads_out_of_the_images(method: str, escape: str, raw: Raw) -> None:
    answer = raw.send(method, f"/api/images/{escape}")

    assert_refused(answer)
    assert answer.status == 404


@pytest.mark.parametrize("escape", ESCAPES)
def test_no_key_searches_what_is_no_image(escape: str, raw: Raw) -> None:
    assert_refused(raw.send("GET", f"/api/search?key={escape}"))


@pytest.mark.parametrize("prefix", ["..%2f", "%2e%2e/", "%00", "%2f", "..%5c", "%252e%252e", "%ff"])
def test_no_prefix_lists_what_is_no_image(prefix: str, raw: Raw) -> None:
    answer = raw.send("GET", f"/api/images?prefix={prefix}&cursor={prefix}")

    assert (answer.status, answer.json["images"]) == (200, [])


@pytest.mark.parametrize(
    "key", ["..", "../a.jpg", "a/../b.jpg", "./a.jpg", "${filename}", "", "\ud800"]
)
def test_no_form_is_signed_for_a_key_that_means_something_else(key: str, raw: Raw) -> None:
    assert_refused(raw.post("/api/uploads", upload(key)))


@pytest.mark.parametrize("key", ["/a.jpg", "\\..\\a.jpg", "%2e%2e/a.jpg", "${FILENAME}", "..a/b.."])
def test_a_strange_key_is_a_name_and_no_more(key: str, user: User) -> None:
    user.upload(key, PHOTOGRAPH)

    assert user.image(key)["key"] == key
    assert user.delete(key).status_code == 204


# ---- forms ----


def changed(field: str) -> str:
    """The same with another last letter, whatever it is encoded with."""
    return field[:-2] + ("x" if field[-2] != "x" else "y") + field[-1]


def send(form: Mapping[str, Any], fields: Mapping[str, str], data: bytes = b"x" * 10) -> int:
    return httpx.post(form["url"], data=dict(fields), files={"file": data}, timeout=60).status_code


def test_a_form_names_every_field_that_it_signs(form: dict[str, Any]) -> None:
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))

    signed = {name for rule in policy["conditions"] if isinstance(rule, dict) for name in rule}
    assert form["fields"].keys() - {"policy", "x-amz-signature"} <= signed
    assert "bucket" in signed
    assert send(form, form["fields"]) == 204


FIELDS = [
    "key",
    "Content-Type",
    "policy",
    "x-amz-signature",
    "x-amz-algorithm",
    "x-amz-date",
    "x-amz-credential",
    "x-amz-security-token",
]


@pytest.mark.parametrize("name", FIELDS)
def test_a_form_with_a_changed_field_is_refused(name: str, form: dict[str, Any]) -> None:
    fields = form["fields"]

    assert send(form, fields | {name: changed(fields[name])}) in (400, 403)


@pytest.mark.parametrize("name", FIELDS)
def test_a_form_without_a_field_is_refused(name: str, form: dict[str, Any]) -> None:
    fields = {field: value for field, value in form["fields"].items() if field != name}

    assert send(form, fields) in (400, 403)


@pytest.mark.parametrize(
    "name",
    [
        "acl",
        "bucket",
        "tagging",
        "Cache-Control",
        "Content-Disposition",
        "success_action_redirect",
        "x-amz-meta-note",
        "x-amz-storage-class",
        "x-amz-website-redirect-location",
    ],
)
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


@pytest.mark.parametrize("size", [0, 50 * 2**20 + 1])
def test_a_file_of_another_size_is_refused(size: int, form: dict[str, Any]) -> None:
    assert send(form, form["fields"], bytes(size)) == 400


# ---- bodies ----

WORDS = {"terms": [{"text": "a cat"}]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"terms":' * 50_000,
        b'{"terms":[{"text":' + b"[" * 20_000 + b"]" * 20_000 + b"}]}",
        b'{"terms":[{"text":"a"}],"top_k":' + b"9" * 10_000 + b"}",
        b'{"terms":[{"text":"a","weight":1e999}]}',
        b'{"terms":[{"text":"a"}],"__proto__":{"top_k":1}}',
        b'{"terms":[{"text":"\\ud800"}]}',
        b'{"terms":[' + b",".join([b'{"text":"a"}'] * 100_000) + b"]}",
        b'{"terms":[{"text":"' + b"a" * 5_000_000 + b'"}]}',
        b'{"terms":[{"image":"' + b"A" * 5_700_000 + b'"}]}',
        b'{"terms":[{"image":"PHN2Zz48c2NyaXB0Lz48L3N2Zz4="}]}',
    ],
    ids=lambda body: f"{body[:20]!r} of {len(body)}",
)
def test_a_body_that_is_no_query_is_refused(body: bytes, raw: Raw) -> None:
    assert_refused(raw.post("/api/search", body))


def test_the_answer_to_a_wrong_body_is_short(raw: Raw) -> None:
    answer = raw.post("/api/search", WORDS | {str(number): 1 for number in range(100_000)})

    assert_refused(answer)
    assert len(answer.body) < 10_000


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data", "application/xml"])
def test_a_body_is_json(content_type: str, raw: Raw) -> None:
    body = json.dumps(WORDS).encode()

    answer = raw.send("POST", "/api/search", body, {"Content-Type": content_type})

    assert_refused(answer)


@pytest.mark.parametrize("length", ["-1", "x", "5"])
def test_a_body_that_is_not_as_long_as_it_says_is_refused(length: str, raw: Raw) -> None:
    body = json.dumps(WORDS).encode()

    answer = raw.send("POST", "/api/search", body, JSON | {"Content-Length": length})

    assert 400 <= answer.status < 500


# ---- parameters and headers ----


@pytest.mark.parametrize(
    "query",
    [
        "text=a&top_k=101",
        "text=a&top_k[]=1",
        "text=a&top_k=%00",
        "text=a&admin=true",
        "text=a&namespace=other",
        "text=a&__proto__[x]=1",
        "text=a&sort=key'--",
        "text=a&cursor=%ff",
        "text=a" + "&not_text=a" * 50,
        "&".join(f"p{number}=1" for number in range(500)),
    ],
)
def test_a_parameter_that_means_nothing_is_refused(query: str, raw: Raw) -> None:
    assert_refused(raw.send("GET", f"/api/search?{query}"))


def test_a_repeated_parameter_gets_nobody_more_than_is_allowed(raw: Raw) -> None:
    for query in ("top_k=1&top_k=100000", "top_k=100000&top_k=1"):
        answer = raw.send("GET", f"/api/search?text=a&{query}")
        assert answer.status == 422 or len(answer.json["matches"]) <= 1


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_makes_another_method_of_a_request(name: str, raw: Raw, user: User) -> None:
    user.put("kept.jpg", PHOTOGRAPH)

    raw.send("GET", "/api/images/kept.jpg", headers={name: "DELETE"})

    assert user.image("kept.jpg")["key"] == "kept.jpg"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "evil.example"},
        {"X-Forwarded-For": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Original-URL": "/api/evil.example"},
        {"X-Rewrite-URL": "/api/evil.example"},
        {"Origin": "https://evil.example"},
        {"X-Amzn-Request-Context": '{"authorizer":"evil.example"}'},
    ],
    ids=str,
)
def test_what_a_client_says_of_the_way_changes_no_answer(
    headers: dict[str, str], raw: Raw, user: User
) -> None:
    user.put("way.jpg", PHOTOGRAPH)
    user.wait_until_indexed("way.jpg")

    plain, told = (raw.send("GET", "/api/images/way.jpg", None, extra) for extra in ({}, headers))

    assert (told.status, told.body) == (plain.status, plain.body)
    assert "evil.example" not in str(told.headers)
    assert "access-control-allow-origin" not in told.headers


def test_another_host_finds_nothing(raw: Raw) -> None:
    assert raw.send("GET", "/api/health", None, {"Host": "evil.example"}).status == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "EVIL"])
@pytest.mark.parametrize("path", ["/api/search", "/api/images/kept.jpg", "/api/health"])
def test_a_method_that_no_route_has_does_nothing(method: str, path: str, raw: Raw) -> None:
    assert 400 <= raw.send(method, path, b"").status < 500


# ---- what is shown ----


@pytest.mark.parametrize("key", ["<script>alert(1)</script>.jpg", "'\"><img src=x onerror=1>.jpg"])
def test_markup_in_a_key_is_text(key: str, raw: Raw, user: User) -> None:
    user.put(key, PHOTOGRAPH)
    quoted = httpx.URL(path=f"/api/images/{key}").raw_path.decode()

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


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/xhtml+xml"])
def test_a_script_with_a_picture_s_name_does_not_run(content_type: str, user: User) -> None:
    script = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    boto3.client("s3").put_object(
        Bucket=user.bucket, Key="script.jpg", Body=script, ContentType=content_type
    )

    headers = user.http.get("/images/script.jpg").headers

    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"
