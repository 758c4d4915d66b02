"""Keys and paths that try to escape, and names that only look like it."""

from __future__ import annotations

import pytest

from local.user import User
from tests.stack.raw import PHOTOGRAPH, Raw, assert_refused

ESCAPES = [
    *("%2e%2e/%2e%2e/index.html", "%252e%252e%252findex.html", "..%2f..%2findex.html"),
    *("index.html%00.jpg", "%c0%ae%c0%ae/index.html"),
]


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("folder", ["/images/", "/thumbs/"])
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


@pytest.mark.parametrize(
    "key",
    [
        *("/a.jpg", "\\..\\a.jpg", "%2e%2e/a.jpg", "a//b.jpg", " a.jpg", "a.jpg?versionId=null"),
        *("a#b.jpg", "a&b=c+d.jpg", "%2500", "e\u0301.jpg", "\u202egpj.exe", "\U0001f600" * 256),
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
        ("a.jpg", "a.jpg%20"),
        ("a.jpg", "a.jpg\0"),
        ("a/b.jpg", "a//b.jpg"),
    ],
    ids=ascii,
)
def test_a_key_that_looks_like_another_is_not_the_other(key: str, alike: str, user: User) -> None:
    user.put(key, PHOTOGRAPH)

    assert user.image(alike)["status"] == 404
    assert user.delete(alike).status_code == 404
    assert user.image(key)["key"] == key


def test_an_empty_object_that_stands_for_a_folder_is_no_image(raw: Raw, user: User) -> None:
    user.put("folder/", b"")

    answer = raw.send("DELETE", "/api/images/folder/")

    assert_refused(answer)
    assert answer.status == 404


@pytest.mark.parametrize("path", ["/images/kept.jpg", "/"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_nothing_is_written_past_the_api(
    method: str, path: str, kept: str, raw: Raw, user: User
) -> None:
    before = [user.http.get(shown).content for shown in (f"/images/{kept}", "/")]

    raw.send(method, path, b"changed")

    assert [user.http.get(shown).content for shown in (f"/images/{kept}", "/")] == before
