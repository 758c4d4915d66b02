"""Hostile requests: each is refused, or has no effect beyond its plain meaning.

They are asked here as an HTTP API hands them over. What lies before the function (encodings of a
path, CloudFront, S3's signed uploads) is asked of the whole stack in tests/stack/security.
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, quote, unquote

import pytest

from tests.stack.raw import INSIDE
from tests.unit.api import Answer, Api
from tests.unit.images import flat, png_claiming

IMAGES = "/api/images"
IMAGE = "/api/image"
WORDS: dict[str, Any] = {"terms": [{"text": "red"}]}
LISTINGS = [IMAGES, f"{IMAGES}?folders=true", "/api/duplicates", "/api/map"]


def get(api: Api, address: str) -> Answer:
    """Ask for an address as it is written."""
    path, _, query = address.partition("?")
    return api.call("GET", path, parse_qs(query, keep_blank_values=True))


def assert_refused(answer: Answer) -> None:
    """Check for a problem that reveals nothing internal and echoes little."""
    assert 400 <= answer.status < 500
    assert answer.content_type == "application/problem+json"
    assert not INSIDE.search(answer.text.encode())
    assert len(answer.text) < 10_000


# ---- Bodies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(WORDS) * 2,
        '{"terms":' * 50_000,
        '{"terms":[{"text":' + "[" * 20_000 + "]" * 20_000 + "}]}",
        '{"terms":[{"text":"a"}],"filter":' + '{"prefix":' * 500 + "1" + "}" * 501,
        '{"terms":[{"text":"a"}],"top_k":' + "9" * 10_000 + "}",
        '{"terms":[{"text":"a"}],"top_k":1,"top_k":100000}',
        '{"terms":[{"text":"a"}],"top_k":NaN}',
        '{"terms":[{"text":"a"}],"__proto__":{"top_k":1}}',
        '{"terms":[{"key":"\\ud800"}]}',
        '{"terms":[{"key":"red","crop":[0,0,1e-999,1]}]}',
        '{"terms":[{"key":"red","crop":[' + "0," * 50_000 + "1]}]}",
        '{"terms":[{"key":"' + "../" * 300 + 'index.html"}]}',
        '{"terms":[' + ",".join(['{"text":"a"}'] * 10_000) + "]}",
        '{"terms":[{"text":"' + "a" * 1_000_000 + '"}]}',
        '{"terms":[{"image":"PHN2Zz48c2NyaXB0Lz48L3N2Zz4="}]}',
        '{"terms":[{"image":"' + base64.b64encode(png_claiming(60_000, 60_000)).decode() + '"}]}',
        '{"terms":[{"image":"https://evil.example/"}]}',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        "terms=a",
    ],
    ids=lambda body: f"{body[:20]} of {len(body)}",
)
def test_a_body_that_is_no_query_is_refused(body: str, api: Api) -> None:
    assert_refused(api.post("/api/search", body))


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/xml", "", "text/plain; application/json", "application/json/x"),
        *("application/json, text/plain", "text/plain, application/json"),
    ],
)
def test_a_body_is_json_and_says_so(content_type: str, api: Api) -> None:
    headers = {"content-type": content_type}

    assert_refused(api.call("POST", "/api/search", None, WORDS, headers))


# ---- Parameters ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        *("top_k[]=1", "top_k=%00", "top_k=0x1", "top_k=1e1", "top_k=%EF%BC%91"),
        "top_k=" + "9" * 5000,
        *("admin=true", "namespace=other", "__proto__[x]=1", "TEXT=b", "text%00=b", "=b"),
        *("text=", "%26=b", "sort=key'--", "cursor=%ff", "min_score=NaN", "relative=1e999"),
        *("uploaded_after=" + "9" * 20, "uploaded_after=%00"),
        "&".join(["content_type=image/jpeg"] * 11),
        "crop=0,0,1,1",
        "key=a&crop=nan,0,1,1",
        "key=a&crop=" + "0," * 1000,
        "key=" + "x" * 7000,
        "&".join(["not_text=a"] * 50),
        "&".join(f"p{number}=1" for number in range(500)),
        "x" * 7000,
    ],
    ids=lambda query: f"{query[:30]} of {len(query)}",
)
def test_a_parameter_that_means_nothing_is_refused(query: str, api: Api) -> None:
    assert_refused(get(api, f"/api/search?text=red&{query}"))


def test_a_name_with_brackets_is_another_name(api: Api) -> None:
    assert_refused(get(api, "/api/search?text[]=red"))


@pytest.mark.parametrize(
    "address",
    [
        f"{IMAGES}?prefix=a&prefix=b",
        f"{IMAGES}?limit=1&limit=100",
        f"{IMAGES}?cursor=a&cursor=b",
        f"{IMAGES}?folders=true&folders=false",
        "/api/duplicates?prefix=a&prefix=b",
        "/api/duplicates?cursor=a&cursor=b",
        "/api/map?prefix=a&prefix=b",
        "/api/search?text=a&top_k=100000&top_k=1",
        "/api/search?text=a&prefix=a/&prefix=b/",
        "/api/search?text=a&min_width=1&min_width=1000000",
        "/api/search?text=a&min_score=-1&min_score=1",
        "/api/search?text=a&cursor=&cursor=x",
        "/api/search?text=a&cursor=x&cursor=",
        "/api/search?text=a&collapse=false&collapse=true",
        "/api/health?reads=open",
    ],
)
def test_a_parameter_that_contradicts_itself_or_that_nobody_reads_is_refused(
    address: str, api: Api
) -> None:
    assert_refused(get(api, address))


@pytest.mark.parametrize(
    "text",
    [
        *("a&admin=true", "a;admin=true", "a\0&admin=true", "a?admin=true", "a\r\nadmin: true"),
        *("\u202ea", "a\0", "a" * 15_000, "a " * 3000, "\u0301" * 2000, "\U0001f600" * 1000),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_any_letters_are_one_text(text: str, api: Api) -> None:
    answer = api.get("/api/search", text=text)

    assert (answer.status, len(answer.body["terms"])) == (200, 1)


# ---- Keys ------------------------------------------------------------------------------------


ESCAPES = [
    *("..", "../index.html", "../../index.html", "..%2f..%2findex.html", "..\\..\\index.html"),
    *("\\..\\index.html", "..;/index.html", "x/../../index.html", "/images/index.html"),
    *("//etc/passwd", "\0", "..\0/index.html", "index.html\0.jpg", "\ufffd\ufffd"),
    *("\uff0e\uff0e/index.html", "%u002e%u002e/index.html", "%zz", "red.jpg", "red/", "x" * 2000),
]


@pytest.mark.parametrize("escape", ESCAPES, ids=lambda key: ascii(key)[:20])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_no_key_leads_out_of_the_images(method: str, escape: str, api: Api) -> None:
    before = set(api.world.images.data)

    answer = api.call(method, IMAGE, {"key": escape})

    assert_refused(answer)
    assert answer.status == (404 if len(escape) < 1024 else 422)
    assert set(api.world.images.data) == before


@pytest.mark.parametrize("escape", ESCAPES, ids=lambda key: ascii(key)[:20])
def test_no_key_searches_what_is_no_image(escape: str, api: Api) -> None:
    assert_refused(api.get("/api/search", key=escape))


def upload(key: object) -> dict[str, object]:
    return {"key": key, "content_type": "image/jpeg", "size": 10}


@pytest.mark.parametrize(
    "key",
    [
        *("..", "../a.jpg", "./a.jpg", "a/..", "a/.", "a/./b.jpg", "\ud800"),
        *("\udfff.jpg", "//", "/a/", "a\tb.jpg", "\x7f.jpg", "a\x85.jpg"),
        *("/a.jpg", "a//b.jpg", "a\n.jpg", "\U0001f600" * 257, None, 7, ["a.jpg"], {"a.jpg": 1}),
    ],
    ids=lambda key: ascii(key)[:20],
)
def test_no_upload_is_signed_for_a_key_that_means_something_else(key: object, api: Api) -> None:
    assert_refused(api.post("/api/uploads", upload(key)))
    assert api.world.images.count_of("signed_put") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": -1}, {"size": 1e300}, {"size": "a"}, {"content_type": "text/html"}),
        *({"content_type": ""}, {"content_type": "image/jpeg;x"}, {"content_type": {"$ne": 1}}),
        *({"content_type": "image/jpeg\r\nX-Evil: 1"}, {"content_type": ["image/jpeg"]}),
        *({"replace": "x" * 101}, {"replace": True}),
        *({"sha256": ""}, {"sha256": "A" * 43}, {"sha256": "A" * 42 + "B="}, {"sha256": "0" * 64}),
        *({"sha256": "A" * 43 + "=\r\nX-Evil: 1"}, {"sha256": "A" * 43 + "=\n"}, {"sha256": 1}),
    ],
    ids=str,
)
def test_no_upload_is_signed_for_what_is_no_image(wrong: dict[str, object], api: Api) -> None:
    assert_refused(api.post("/api/uploads", upload("a.jpg") | wrong))
    assert api.world.images.count_of("signed_put") == 0


@pytest.mark.parametrize(
    "key",
    [
        *("\\..\\a.jpg", "%2e%2e/a.jpg", "${FILENAME}", "..a/b.."),
        *(".../a.jpg", "..;/a.jpg", "a.jpg.", "a.jpg ", " a.jpg", "aws:kms/a.jpg", "soap/a.jpg"),
        *("index.html", "thumbs/a.webp", "api/health", "a.jpg?versionId=null", "a.jpg?acl"),
        *("?uploads", "a#b.jpg", "a&b=c.jpg", "%", "%2500", "\uff0e\uff0e/a.jpg", "a\u2215b.jpg"),
        *("\u2024\u2024/a.jpg", "e\u0301.jpg", "\u202egpj.exe", "a\u200bb.jpg", "\ufeffa.jpg"),
        *("a\u2028b.jpg", "\U0010ffff.jpg", "x" * 1024, "é" * 512, "\U0001f600" * 256),
    ],
    ids=lambda key: ascii(key)[:20],
)
def test_a_strange_key_is_a_name_and_no_more(key: str, api: Api) -> None:
    assert api.post("/api/uploads", upload(key)).body["url"] == f"https://fake.example/{key}?10"
    api.world.images.put(key, flat())
    assert api.get(IMAGE, key=key).body["key"] == key
    assert api.delete(key).status == 204
    assert key not in api.world.images.data


@pytest.mark.parametrize(
    "alike",
    ["RED", "r\u0435d", "red.", "red ", "\u200bred", "red\0", "/red", "red/", "ＲＥＤ", "rêd"],
    ids=ascii,
)
def test_a_key_that_looks_like_another_is_not_the_other(alike: str, api: Api) -> None:
    assert api.get(IMAGE, key=alike).status == 404
    assert api.delete(alike).status == 404
    assert "red" in api.world.images.data


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/api/search", IMAGE, "/api/health"])
def test_a_method_that_no_route_has_does_nothing(method: str, path: str, api: Api) -> None:
    assert_refused(api.call(method, path))
    assert "red" in api.world.images.data


def test_no_header_makes_another_method_of_a_request(api: Api) -> None:
    names = ("x-http-method-override", "x-http-method", "x-method-override")

    answer = api.call("GET", IMAGE, {"key": "red"}, headers=dict.fromkeys(names, "DELETE"))

    assert answer.body["key"] == "red"
    assert "red" in api.world.images.data


# ---- Prefixes, cursors and conditions --------------------------------------------------------


@pytest.mark.parametrize(
    "prefix",
    [
        *("../", "\0", "//", "\\", "%", "*", "?", "\ufffd", "\r\n", "red\0", "red\u200b", "RED"),
        *("ｒed", "\u202eder", "aws:", "soap/", "thumbs/", "s3://", "?versions", "x" * 1024),
        "é" * 512,
    ],
    ids=lambda prefix: ascii(prefix)[:20],
)
@pytest.mark.parametrize("listing", LISTINGS)
def test_a_prefix_that_no_key_has_lists_nothing(listing: str, prefix: str, api: Api) -> None:
    sign = "&" if "?" in listing else "?"

    name, value = (
        ("prefix", prefix) if listing.startswith(IMAGES) else ("folder", prefix[:500] + "/")
    )
    answer = get(api, f"{listing}{sign}{name}={quote(value)}")

    assert answer.status == 200
    listed = [answer.body.get(name, []) for name in ("images", "folders", "groups", "points")]
    assert listed == [[], [], [], []]


@pytest.mark.parametrize("value", ["x" * 1025, "é" * 513], ids=["letters", "bytes"])
@pytest.mark.parametrize(
    "address",
    [
        *(f"{IMAGES}?prefix=", f"{IMAGES}?cursor=", f"{IMAGES}?folders=true&prefix="),
        *("/api/duplicates?prefix=", "/api/duplicates?cursor=", "/api/map?prefix="),
    ],
)
def test_no_listing_begins_with_or_after_what_no_key_is(address: str, value: str, api: Api) -> None:
    assert_refused(get(api, address + quote(value)))


@pytest.mark.parametrize("limit", ["-1", "1e2", "NaN", "\0", "9" * 5000, ""])
def test_no_page_is_longer_than_is_allowed(limit: str, api: Api) -> None:
    assert_refused(api.get(IMAGES, limit=limit))


@pytest.mark.parametrize(
    "condition",
    [
        {"content_type": [{"$ne": "x"}]},
        {"content_type": {"$exists": True}},
        {"content_type": ["x" * 256]},
        {"content_type": ["x" * 1_000_000]},
        {"content_type": ["image/jpeg"] * 11},
        {"orientation": {"$ne": "square"}},
        {"min_width": {"$gte": 0}},
        {"min_width": 10**30},
        {"uploaded_after": 10**30},
        {"$or": []},
        {"key": {"$ne": "x"}},
    ],
    ids=lambda condition: f"{str(condition)[:40]} of {len(str(condition))}",
)
def test_a_condition_that_is_none_is_refused(condition: dict[str, Any], api: Api) -> None:
    assert_refused(api.post("/api/search", WORDS | {"filter": condition}))


# The name of the filter on folders, in the query and in the body.
FOLDER = "folder"


@pytest.mark.parametrize(
    "folder",
    [{"$ne": "x"}, ["dir/"], "dir", "a/" * 17, "x" * 1025 + "/", None, "\ud800/"],
    ids=lambda folder: ascii(folder)[:20],
)
def test_what_is_no_folder_is_refused(folder: object, api: Api) -> None:
    assert_refused(api.post("/api/search", WORDS | {"filter": {FOLDER: folder}}))


@pytest.mark.parametrize(
    "folder",
    [
        *("../", "./", "/", "*/", "%/", "$ne/", '"},{"key":{"$ne":"/', "\0/", "\u202e/"),
        *("aws:/", "DIR/", "é" * 511 + "/"),
    ],
    ids=lambda folder: ascii(folder)[:20],
)
def test_a_folder_that_nobody_has_holds_nothing(folder: str, api: Api) -> None:
    answer = api.post("/api/search", WORDS | {"filter": {FOLDER: folder}})

    assert (answer.status, answer.body["matches"]) == (200, [])


def encoded(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        *("\0", "\ufffd", "AAAA", "x" * 201, "../..", encoded("[" * 140)),
        *(encoded("NaN"), encoded("{}"), encoded("[null,null,null]"), encoded('["0",1,1]')),
        *(encoded('["0",1e999,1]'), encoded('["0",-1,NaN]'), encoded('["0",' + "9" * 99 + ",1]")),
    ],
    ids=lambda cursor: ascii(cursor)[:20],
)
def test_a_cursor_that_no_page_came_with_is_refused(cursor: str, api: Api) -> None:
    assert_refused(api.get("/api/search", text="red", cursor=cursor))


def test_no_line_of_a_request_becomes_a_header_of_the_answer(api: Api) -> None:
    lines = "a\r\nX-Evil: 1"

    for answer in (
        api.get("/api/search", text=lines),
        api.get("/api/search", text="a", cursor=lines),
        api.get(IMAGES, prefix=lines),
        api.get(IMAGES, **{lines: "1"}),
        api.get(IMAGE, key=lines),
        api.call("GET", f"/api/{unquote('%0d%0aX-Evil:%201')}"),
    ):
        assert "evil" not in str(answer.headers).lower()


@pytest.mark.parametrize("folder", ["a/" * 16, "é" * 511 + "x/"], ids=["levels", "bytes"])
def test_the_deepest_and_the_longest_folder_is_one(folder: str, api: Api) -> None:
    assert api.post("/api/search", WORDS | {"filter": {FOLDER: folder}}).status == 200
