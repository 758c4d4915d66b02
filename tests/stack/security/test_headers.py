"""Headers that are repeated, endless, broken, or tell what they should not know.

What the emulator's own server answers before the stack is reached is left to it where it is no 4xx:
it calls an unknown Transfer-Encoding not implemented. On AWS, CloudFront and API Gateway refuse
headers of more than some 10 kB, which reach the stack here.
"""

from __future__ import annotations

import json

import pytest

from local.user import User
from tests.stack.raw import INSIDE, PHOTOGRAPH, WORDS, Raw, assert_refused

BODY = json.dumps(WORDS).encode()


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
        {"X-Amzn-Trace-Id": "Root=evil.example"},
        {"X-Amz-Target": "AmazonSQS.ListQueues", "X-Amz-Date": "evil.example"},
        {"Referer": "https://evil.example/"},
        {"Via": "1.1 evil.example"},
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


@pytest.mark.parametrize(
    "headers",
    [
        [b"X-%d: a" % number for number in range(3000)],
        [b"X-A: a"] * 3000,
        [b"X-A: " + b"a" * 60_000],
        [b"X-" + b"A" * 8000 + b": a"],
        [b"X-A: a", b"  X-Evil: folded"],
        [b"X-A: \xff\xfe\xe2\x80\xae"],
        [b"Cookie: " + b"a=b; " * 2000],
        [b"Cookie: a=b", b"Cookie: a=c"],
        [b"If-None-Match: " + b'"a", ' * 2000],
        [b"If-Match: x", b"If-Unmodified-Since: x", b"If-Range: x"],
        [b"Range: bytes=0-,0-,-1"],
        [b"Accept: text/html;q=x, \xff", b"Accept: */*;q=-1"],
        [b"Accept-Encoding: evil, br;q=-1"],
        [b"X-Forwarded-For: 10.0.0.1", b"X-Forwarded-For: 10.0.0.2"],
        [b"Authorization: \xff\xfe"],
        [b"Authorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e", b"X-Amz-Security-Token: a"],
        [b"Connection: close, Host, Content-Length"],
    ],
    ids=lambda headers: f"{headers[0][:30]!r} and {len(headers) - 1}",
)
def test_headers_that_nobody_reads_change_no_answer(
    headers: list[bytes], kept: str, raw: Raw
) -> None:
    plain = raw.write(f"GET /api/images/{kept}")

    told = raw.write(f"GET /api/images/{kept}", *headers)

    assert (told.status, told.body) == (plain.status, plain.body)
    assert told.headers.keys() - {"connection"} == plain.headers.keys()


@pytest.mark.parametrize(
    "header",
    [
        b"Host: evil.example",
        b"X A: a",
        b": a",
        b"X-A",
        b"X-A : a",
        b"X-A: a\0",
        b"X-A: a\rX-Evil: 1",
        b"X\rEvil: 1",
        b"X-\xff: a",
        b"Content-Length: 1\r\nContent-Length: 2",
        b"Content-Length: 1, 2",
    ],
    ids=repr,
)
def test_a_header_that_is_none_is_refused(header: bytes, raw: Raw) -> None:
    answer = raw.write("GET /api/health", header)

    assert 400 <= answer.status < 500
    assert not INSIDE.search(answer.body)
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize(
    "types",
    [("application/json", "text/plain"), ("text/plain", "application/json")],
    ids=["JSON first", "JSON last"],
)
def test_a_body_of_two_types_is_none_of_them(types: tuple[str, str], raw: Raw) -> None:
    headers = [f"Content-Type: {kind}".encode() for kind in types]

    answer = raw.write("POST /api/search", *headers, b"Content-Length: %d" % len(BODY), body=BODY)

    assert_refused(answer)


@pytest.mark.parametrize("length", [0, 3, len(BODY), 10_000])
def test_a_body_with_two_lengths_is_read_as_one_of_them_or_refused(length: int, raw: Raw) -> None:
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    both = (b"Content-Length: %d" % length, b"Transfer-Encoding: chunked")

    answer = raw.write("POST /api/search", b"Content-Type: application/json", *both, body=chunked)

    assert answer.status == 200 or 400 <= answer.status < 500
    assert not INSIDE.search(answer.body)


@pytest.mark.parametrize(
    "path",
    [
        "/api/images/a{}",
        "/api/images?prefix={}",
        "/api/images?cursor={}",
        "/api/search?text={}",
        "/api/search?text=a&cursor={}",
        "/api/search?text=a&{}=1",
        "/api/{}",
        "/images/{}",
        "/thumbs/{}",
        "/{}",
    ],
)
@pytest.mark.parametrize("lines", ["%0d%0aX-Evil:%201", "%0aX-Evil:%201", "%e5%98%8d%e5%98%8a"])
def test_no_line_of_a_request_becomes_a_header_of_the_answer(
    path: str, lines: str, raw: Raw
) -> None:
    answer = raw.send("GET", path.format(lines))

    assert answer.status < 500
    assert "x-evil" not in answer.headers
    assert "X-Evil" not in str(answer.headers)


def test_another_host_finds_nothing(raw: Raw) -> None:
    assert raw.send("GET", "/api/health", None, {"Host": "evil.example"}).status == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "EVIL"])
@pytest.mark.parametrize("path", ["/api/search", "/api/images/kept.jpg", "/api/health"])
def test_a_method_that_no_route_has_does_nothing(method: str, path: str, raw: Raw) -> None:
    assert 400 <= raw.send(method, path, b"").status < 500
