"""Bodies that are no queries: empty, too large, nested, of other kinds and lengths."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from tests.stack.raw import JSON, WORDS, Raw, assert_refused
from tests.unit.pictures import png_claiming

CLAIMS = base64.b64encode(png_claiming(60_000, 60_000))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"a"',
        b"\xff\xfe",
        json.dumps(WORDS).encode("utf-16"),
        b"\xef\xbb\xbf" + json.dumps(WORDS).encode(),
        gzip.compress(json.dumps(WORDS).encode()),
        json.dumps(WORDS).encode() * 2,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"terms":' * 50_000,
        b'{"terms":[{"text":' + b"[" * 20_000 + b"]" * 20_000 + b"}]}",
        b'{"terms":[{"text":"a"}],"filter":' + b'{"folder":' * 500 + b"1" + b"}" * 501,
        b'{"terms":[{"text":"a"}],"top_k":' + b"9" * 10_000 + b"}",
        b'{"terms":[{"text":"a"}],"top_k":1,"top_k":100000}',
        b'{"terms":[{"text":"a"}],"top_k":NaN}',
        b'{"terms":[{"text":"a","weight":1e999}]}',
        b'{"terms":[{"text":"a","weight":-Infinity}]}',
        b'{"terms":[{"text":"a"}],"__proto__":{"top_k":1}}',
        b'{"terms":[{"text":"\\ud800"}]}',
        b'{"terms":[{"key":"\\ud800"}]}',
        b'{"terms":[{"key":"a","text":"a"}]}',
        b'{"terms":[{"key":"a","crop":[0,0,1e-999,1]}]}',
        b'{"terms":[{"key":"a","crop":[' + b"0," * 50_000 + b"1]}]}",
        b'{"terms":[{"key":"' + b"../" * 300 + b'index.html"}]}',
        b'{"terms":[' + b",".join([b'{"text":"a"}'] * 100_000) + b"]}",
        b'{"terms":[{"text":"' + b"a" * 5_000_000 + b'"}]}',
        b'{"terms":[{"image":"' + b"A" * 5_700_000 + b'"}]}',
        b'{"terms":[{"image":"PHN2Zz48c2NyaXB0Lz48L3N2Zz4="}]}',
        b'{"terms":[{"image":"' + CLAIMS + b'"}]}',
        b'{"terms":[{"image":"https://evil.example/"}]}',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b"terms=a",
    ],
    ids=lambda body: f"{body[:20]!r} of {len(body)}",
)
def test_a_body_that_is_no_query_is_refused(body: bytes, raw: Raw) -> None:
    assert_refused(raw.post("/api/search", body))


def test_the_answer_to_a_wrong_body_is_short(raw: Raw) -> None:
    answer = raw.post("/api/search", WORDS | {str(number): 1 for number in range(100_000)})

    assert_refused(answer)
    assert len(answer.body) < 10_000


@pytest.mark.parametrize(
    "content_type",
    [
        *("text/plain", "multipart/form-data", "application/xml", ""),
        *("application/x-www-form-urlencoded", "text/plain; application/json"),
        *("application/jsonp", "application/json/x", "application/json, text/plain"),
    ],
)
def test_a_body_is_json(content_type: str, raw: Raw) -> None:
    body = json.dumps(WORDS).encode()

    answer = raw.send("POST", "/api/search", body, {"Content-Type": content_type})

    assert_refused(answer)


@pytest.mark.parametrize("length", ["-1", "x", "5", "+5", "1e9", "0x5"])
def test_a_body_that_is_not_as_long_as_it_says_is_refused(length: str, raw: Raw) -> None:
    body = json.dumps(WORDS).encode()

    answer = raw.send("POST", "/api/search", body, JSON | {"Content-Length": length})

    assert 400 <= answer.status < 500


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_body_where_none_is_asked_for_means_nothing(method: str, kept: str, raw: Raw) -> None:
    path = f"/api/images/{kept}.jpg"

    with_body = raw.send(method, path, json.dumps({"key": kept}).encode(), JSON)

    assert (with_body.status, with_body.body) == (404, raw.send(method, path).body)
    assert raw.send("GET", f"/api/images/{kept}").status == 200
