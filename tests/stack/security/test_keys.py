"""Keys and paths that try to escape, and names that only look like it."""

from __future__ import annotations

import pytest

from local.user import User
from tests.stack.raw import PHOTOGRAPH, Raw, assert_refused, upload

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
    "..%00/index.html",
    "index.html%00.jpg",
    "%ff%fe",
    "%c0%ae%c0%ae/index.html",
    "%e0%80%ae%e0%80%ae/index.html",
    "%ef%bc%8e%ef%bc%8e/index.html",
    "%u002e%u002e/index.html",
    "%zz",
    "x" * 2000,
]


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


@pytest.mark.parametrize(
    "key",
    [
        *("..", "../a.jpg", "a/../b.jpg", "./a.jpg", "${filename}", "", "\ud800"),
        *("a/..", "a/.", "a/${filename}.jpg", "\udfff.jpg"),
        *("/", "//", "a/", "/a/", "a\tb.jpg", "a\n.jpg", "\x7f.jpg", "a\x85.jpg"),
        *("x" * 1025, "é" * 513, "\U0001f600" * 257),
        *(None, 7, ["a.jpg"], {"a.jpg": 1}),
    ],
    ids=lambda key: ascii(key)[:20],
)
def test_no_form_is_signed_for_a_key_that_means_something_else(key: object, raw: Raw) -> None:
    assert_refused(raw.post("/api/uploads", upload(key)))


@pytest.mark.parametrize(
    "key",
    [
        *("/a.jpg", "\\..\\a.jpg", "%2e%2e/a.jpg", "${FILENAME}", "..a/b.."),
        *("a//b.jpg", ".../a.jpg", "..;/a.jpg"),
        *("a.jpg.", "a.jpg ", " a.jpg"),
        *("aws:kms/a.jpg", "soap/a.jpg", "index.html", "thumbs/a.webp", "api/health"),
        *("a.jpg?versionId=null", "a.jpg?acl", "?uploads", "a#b.jpg", "a&b=c.jpg", "%", "%2500"),
        *("\uff0e\uff0e/a.jpg", "\u2024\u2024/a.jpg", "a\u2215b.jpg", "e\u0301.jpg"),
        *("\u202egpj.exe", "a\u200bb.jpg", "\ufeffa.jpg", "a\u2028b.jpg", "\U0010ffff.jpg"),
        *("x" * 1024, "é" * 512, "\U0001f600" * 256),
    ],
    ids=lambda key: ascii(key)[:20],
)
def test_a_strange_key_is_a_name_and_no_more(key: str, user: User) -> None:
    user.upload(key, PHOTOGRAPH)

    assert user.image(key)["key"] == key
    assert user.delete(key).status_code == 204


@pytest.mark.parametrize(
    ("key", "alike"),
    [
        ("é.jpg", "e\u0301.jpg"),
        ("ﬁ.jpg", "fi.jpg"),
        ("Å.jpg", "\u212b.jpg"),
        ("a.jpg", "A.jpg"),
        ("a.jpg", "\u0430.jpg"),
        ("a.jpg", "a.jpg."),
        ("a.jpg", "a.jpg%20"),
        ("a.jpg", "\u200ba.jpg"),
        ("a.jpg", "a.jpg\0"),
        ("a/b.jpg", "a//b.jpg"),
        ("a/b.jpg", "a\\b.jpg"),
    ],
    ids=ascii,
)
def test_a_key_that_looks_like_another_is_not_the_other(key: str, alike: str, user: User) -> None:
    user.put(key, PHOTOGRAPH)

    assert user.image(alike)["status"] == 404
    assert user.delete(alike).status_code == 404
    assert user.image(key)["key"] == key


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_empty_object_that_stands_for_a_folder_is_no_image(
    method: str, raw: Raw, user: User
) -> None:
    user.put("folder/", b"")

    answer = raw.send(method, "/api/images/folder/")

    assert_refused(answer)
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/images/kept.jpg", "/thumbs/kept.webp", "/index.html", "/"])
@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_nothing_is_written_past_the_api(
    method: str, path: str, kept: str, raw: Raw, user: User
) -> None:
    before = [user.http.get(shown).content for shown in (f"/images/{kept}", "/")]

    raw.send(method, path, b"changed")

    assert [user.http.get(shown).content for shown in (f"/images/{kept}", "/")] == before
