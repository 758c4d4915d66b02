"""Requests that only the whole way can tell apart: bytes, encodings of a URL, methods, hosts.

What a parsed request may say is asked of the function itself, in tests/unit.
"""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from tests.stack.raw import WORDS, Raw, assert_refused
from tests.unit.images import png_claiming

BODY = json.dumps(WORDS).encode()
CLAIMS = base64.b64encode(png_claiming(60_000, 60_000))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        json.dumps(WORDS).encode("utf-16"),
        b"\xef\xbb\xbf" + BODY,
        gzip.compress(BODY, mtime=0),  # workers must collect the same tests
        b"[" * 100_000 + b"]" * 100_000,
        b'{"terms":[{"text":"' + b"a" * 5_000_000 + b'"}]}',
        b'{"terms":[{"image":"' + b"A" * 5_700_000 + b'"}]}',
        b'{"terms":[{"image":"' + CLAIMS + b'"}]}',
    ],
    ids=lambda body: f"{body[:20]!r} of {len(body)}",
)
def test_a_body_that_is_no_query_is_refused(body: bytes, raw: Raw) -> None:
    assert_refused(raw.post("/api/search", body))


@pytest.mark.parametrize(
    "types",
    [("application/json", "text/plain"), ("text/plain", "application/json")],
    ids=["JSON first", "JSON last"],
)
def test_a_body_of_two_types_is_none_of_them(types: tuple[str, str], raw: Raw) -> None:
    headers = [f"Content-Type: {kind}".encode() for kind in types]

    answer = raw.write("POST /api/search", *headers, b"Content-Length: %d" % len(BODY), body=BODY)

    assert_refused(answer)


@pytest.mark.parametrize(
    "url",
    [
        "/api/images?prefix=a&%70refix=b",
        "/api/search?text=a&text%00=b",
        "/api/search?text=a&top_k=%EF%BC%91",
        "/api/search?text=a&cursor=%ff",
        "/api/search?key=..%252f..%252findex.html",
        "/api/image?key=kept.jpg&key=other.jpg",
    ],
)
def test_a_parameter_is_what_it_is_decoded_to(url: str, raw: Raw) -> None:
    assert_refused(raw.send("GET", url))


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("text=a%26admin%3Dtrue", 1),
        ("text=a%23%26admin=true", 1),
        ("text=%C0%AF%ff%ed%a0%80%zz%", 1),
        ("%74ext=a&te%78t=b", 2),
        ("&&text=a&&text=b&", 2),
    ],
)
def test_a_text_is_decoded_once(query: str, terms: int, raw: Raw) -> None:
    answer = raw.send("GET", f"/api/search?{query}")

    assert (answer.status, len(answer.json["terms"])) == (200, terms)


@pytest.mark.parametrize(
    "prefix", ["..%2f", "%00", "%ff%fe", "%252e%252e", "kept.jpg%00", "kept%e2%80%8b"]
)
@pytest.mark.parametrize("listing", ["/api/images?", "/api/images?folders=true&"])
def test_a_prefix_that_no_key_has_lists_nothing(
    listing: str, prefix: str, kept: str, raw: Raw
) -> None:
    answer = raw.send("GET", f"{listing}prefix={prefix}")

    assert (answer.status, answer.json["images"], answer.json["folders"]) == (200, [], [])


@pytest.mark.parametrize(
    "path", ["/api/images?prefix={}", "/api/{}", "/images/{}", "/thumbs/{}", "/{}"]
)
def test_no_line_of_a_request_becomes_a_header_of_the_answer(path: str, raw: Raw) -> None:
    answer = raw.send("GET", path.format("%0d%0aX-Evil:%201"))

    assert answer.status < 500
    assert "X-Evil" not in str(answer.headers)


def test_what_a_client_says_of_the_way_changes_no_answer(kept: str, raw: Raw) -> None:
    headers = {
        "X-HTTP-Method-Override": "DELETE",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Original-URL": "/api/evil.example",
        "X-Rewrite-URL": "/api/evil.example",
        "Origin": "https://evil.example",
        "X-Amzn-Request-Context": '{"authorizer":"evil.example"}',
        "Range": "bytes=0-,0-,-1",
        "Cookie": "a=b; a=c",
    }

    plain, answer = (
        raw.send("GET", f"/api/image?key={kept}", None, extra) for extra in ({}, headers)
    )

    assert (answer.status, answer.body) == (plain.status, plain.body)
    assert "evil.example" not in str(answer.headers)
    assert "access-control-allow-origin" not in answer.headers
    assert raw.send("GET", f"/api/image?key={kept}").status == 200


def test_another_host_finds_nothing(raw: Raw) -> None:
    assert raw.send("GET", "/api/health", None, {"Host": "evil.example"}).status == 404


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "EVIL"])
def test_a_method_that_no_route_has_does_nothing(method: str, raw: Raw) -> None:
    assert 400 <= raw.send(method, "/api/image?key=kept.jpg", b"").status < 500
