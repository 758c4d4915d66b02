"""Hostile requests: each is refused, or has no effect beyond its plain meaning.

They are made here as an HTTP API hands them over. What lies before the function (encodings of a
path, CloudFront, S3's signed uploads) is tested on the whole stack in tests/stack/security.
"""

import base64
import json
from urllib.parse import parse_qs, quote, unquote

import pytest

from tests.stack.raw import INSIDE
from tests.unit.api import problem
from tests.unit.images import flat, png_claiming

IMAGES, IMAGE = "/api/images", "/api/image"
WORDS = {"terms": [{"text": "red"}]}
LISTINGS = [IMAGES, f"{IMAGES}?folders=true", "/api/duplicates", "/api/map"]


def get(api, url):
    """Request a URL as it is written."""
    path, _, query = url.partition("?")
    return api.call("GET", path, parse_qs(query, keep_blank_values=True))


def assert_refused(answer):
    """Check for a problem that reveals nothing internal and echoes little."""
    status, _ = problem(answer)
    assert 400 <= status < 500
    assert not INSIDE.search(answer.text.encode())
    assert len(answer.text) < 10_000


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(WORDS) * 2,
        '{"terms":' * 50_000,
        '{"terms":[{"text":"a"}],"top_k":1,"top_k":100000}',
        '{"terms":[{"text":"a"}],"__proto__":{"top_k":1}}',
        '{"terms":[{"key":"red","crop":[0,0,1e-999,1]}]}',
        '{"terms":[{"key":"red","crop":[' + "0," * 50_000 + "1]}]}",
        '{"terms":[{"image":"PHN2Zz48c2NyaXB0Lz48L3N2Zz4="}]}',
        '{"terms":[{"image":"' + base64.b64encode(png_claiming(60_000, 60_000)).decode() + '"}]}',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ],
    ids=lambda body: f"{body[:20]} of {len(body)}",
)
def test_a_body_that_is_not_a_query_is_refused(body, api):
    assert_refused(api.post("/api/search", body))


@pytest.mark.parametrize(
    "query",
    [
        *("top_k=%00", "top_k=0x1", "top_k=1e1", "top_k=%EF%BC%91", "top_k=" + "9" * 5000),
        *("namespace=other", "top_k[]=1", "text%00=b", "=b", "text=", "sort=key'--", "cursor=%ff"),
        "cursor=" + "x" * 201,
        *("relative=1e999", "uploaded_after=" + "9" * 20),
        "&".join(["content_type=image/jpeg"] * 11),
        "key=a&crop=nan,0,1,1",
        "key=a&crop=" + "0," * 1000,
        "&".join(f"p{number}=1" for number in range(500)),
        "x" * 7000,
    ],
    ids=lambda query: f"{query[:30]} of {len(query)}",
)
def test_a_parameter_that_means_nothing_is_refused(query, api):
    assert_refused(get(api, f"/api/search?text=red&{query}"))


@pytest.mark.parametrize(
    "url",
    [
        f"{IMAGES}?limit=1&limit=100",
        "/api/duplicates?cursor=a&cursor=b",
        "/api/map?folder=a/&folder=b/",
        "/api/search?text=a&min_score=-1&min_score=1",
        "/api/search?text=a&cursor=&cursor=x",
    ],
)
def test_a_parameter_that_contradicts_itself_is_refused(url, api):
    assert_refused(get(api, url))


ESCAPES = [
    *("..", "../index.html", "..%2f..%2findex.html", "x/../../index.html", "/images/index.html"),
    *("..\\..\\index.html", "\0", "index.html\0.jpg", "x" * 2000),
    # These look like the key of an image.
    *("RED", "r\u0435d", "red ", "red\0", "/red", "red/", "ＲＥＤ"),
]


@pytest.mark.parametrize("key", ESCAPES, ids=lambda key: ascii(key)[:20])
def test_no_key_leads_out_of_the_images(key, api):
    before = set(api.world.images.data)

    answers = [api.get(IMAGE, key=key), api.delete(key), api.get("/api/search", key=key)]

    for answer in answers:
        assert_refused(answer)
    assert [answer.status for answer in answers] == [404 if len(key) < 1024 else 422] * 3
    assert set(api.world.images.data) == before


def upload(key):
    return {"key": key, "content_type": "image/jpeg", "size": 10}


@pytest.mark.parametrize(
    "key",
    [
        *("", "/", "..", "../a.jpg", "./a.jpg", "a/../b.jpg", "a/.", "a/./b.jpg", "//", "/a.jpg"),
        *("a/", "a//b.jpg", "a\n.jpg", "\x7f.jpg", "a\x85.jpg", "\ud800", "\udfff.jpg"),
        *("x" * 1025, "ü" * 513, "\U0001f600" * 257, None, 7, ["a.jpg"], {"a.jpg": 1}),
    ],
    ids=lambda key: ascii(key)[:20],
)
def test_no_upload_is_signed_for_a_key_that_s3_or_a_browser_changes(key, api):
    answer = api.post("/api/uploads", upload(key))

    assert_refused(answer)
    assert [error["field"] for error in answer.body["errors"]] == ["key"]
    assert api.world.images.count_of("put_object") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": -1}, {"size": 1e300}, {"size": "a"}, {"content_type": "text/html"}),
        *({"content_type": "image/jpeg\r\nX-Evil: 1"}, {"content_type": ["image/jpeg"]}),
        *({"replace": "x" * 101}, {"replace": True}),
        *({"sha256": "A" * 43}, {"sha256": "A" * 42 + "B="}, {"sha256": "0" * 64}),
        *({"sha256": "A" * 43 + "=\r\nX-Evil: 1"}, {"sha256": "A" * 43 + "=\n"}, {"sha256": 1}),
    ],
    ids=str,
)
def test_no_upload_is_signed_for_a_file_that_is_not_an_image(wrong, api):
    assert_refused(api.post("/api/uploads", upload("a.jpg") | wrong))
    assert api.world.images.count_of("put_object") == 0


@pytest.mark.parametrize(
    "key",
    [
        *("\\..\\a.jpg", "%2e%2e/a.jpg", "..a/b..", ".../a.jpg", " a.jpg ", "literal%252Fvalue"),
        *("index.html", "thumbs/a.webp", "api/health", "a.jpg?versionId=null", "a#b&c=d+e.jpg"),
        *("\uff0e\uff0e/a.jpg", "e\u0301.jpg", "\u202egpj.exe", "\ufeffa.jpg", "\U0010ffff.jpg"),
        *("x" * 1024, "é" * 512),
    ],
    ids=lambda key: ascii(key)[:20],
)
def test_a_strange_key_is_a_name_like_any_other(key, api):
    assert api.post("/api/uploads", upload(key)).body["url"] == f"https://fake.example/{key}?10"
    assert_found_by(key, api)


@pytest.mark.parametrize("key", ["/a.png", "a//b.png", "a\n.png", "b/../a", "//", "\n"])
def test_an_image_that_another_program_stored_under_a_strange_key_is_found(key, api):
    """No upload is prepared for these keys, which browsers and proxies change."""
    assert_found_by(key, api)


def assert_found_by(key, api):
    """Check that an image of this key is listed, searched by, found and deleted."""
    api.world.images.put(key, flat("red"))
    api.world.states(key)

    searches = [api.get("/api/search", key=key), api.post("/api/search", {"terms": [{"key": key}]})]

    assert key in [image["key"] for image in api.get(IMAGES).body["images"]]
    assert key in [match["key"] for match in api.get("/api/search", key="red").body["matches"]]
    assert api.get(IMAGE, key=key).body["key"] == key
    for answer in searches:
        assert [term["stored"] for term in answer.body["terms"]] == [True]
        assert answer.body["matches"][0]["key"] == "red"
    assert api.delete(key).status == 204
    assert key not in api.world.images.data


def test_no_header_makes_another_method_of_a_request(api):
    names = ("x-http-method-override", "x-http-method", "x-method-override")

    answer = api.call("GET", IMAGE, {"key": "red"}, headers=dict.fromkeys(names, "DELETE"))

    assert answer.body["key"] == "red"
    assert "red" in api.world.images.data


@pytest.mark.parametrize(
    "prefix", ["../", "\0", "RED", "red\u200b", "x" * 1024], ids=lambda prefix: ascii(prefix)[:20]
)
@pytest.mark.parametrize("listing", LISTINGS)
def test_a_prefix_that_no_key_has_lists_nothing(listing, prefix, api):
    sign = "&" if "?" in listing else "?"
    asked = f"prefix={quote(prefix)}"
    if not listing.startswith(IMAGES):
        asked = f"folder={quote(prefix[:500])}/"

    answer = get(api, listing + sign + asked)

    assert answer.status == 200
    listed = [answer.body.get(name, []) for name in ("images", "folders", "groups", "points")]
    assert listed == [[], [], [], []]


@pytest.mark.parametrize("value", ["x" * 1025, "é" * 513], ids=["letters", "bytes"])
@pytest.mark.parametrize(
    "url", [f"{IMAGES}?prefix=", f"{IMAGES}?cursor=", "/api/duplicates?cursor="]
)
def test_a_listing_refuses_a_prefix_or_cursor_that_no_key_can_be(url, value, api):
    assert_refused(get(api, url + quote(value)))


@pytest.mark.parametrize(
    "condition",
    [
        {"content_type": [{"$ne": "x"}]},
        {"content_type": ["image/jpeg"] * 11},
        {"orientation": {"$ne": "square"}},
        {"min_width": {"$gte": 0}},
        {"min_width": 10**30},
        {"uploaded_after": 10**30},
        {"$or": []},
        *(
            {"folder": it}
            for it in ({"$ne": "x"}, ["dir/"], "a/" * 17, "x" * 1025 + "/", "\ud800/")
        ),
    ],
    ids=lambda condition: f"{ascii(condition)[:40]} of {len(str(condition))}",
)
def test_an_invalid_condition_is_refused(condition, api):
    assert_refused(api.post("/api/search", WORDS | {"filter": condition}))


@pytest.mark.parametrize(
    "folder", ["../", '"},{"key":{"$ne":"/', "\0/", "DIR/", "é" * 511 + "/", "a/" * 16], ids=ascii
)
def test_a_folder_that_no_image_is_in_has_no_matches(folder, api):
    answer = api.post("/api/search", WORDS | {"filter": {"folder": folder}})

    assert (answer.status, answer.body["matches"]) == (200, [])


def test_no_line_of_a_request_becomes_a_header_of_the_answer(api):
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
