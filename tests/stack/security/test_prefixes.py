"""Prefixes, cursors and filters that try to list or find more than they say."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from tests.stack.raw import WORDS, Raw, assert_refused

LISTINGS = ["/api/images?", "/api/images?folders=true&"]


def keys_in(node: Any) -> Iterator[str]:
    """Every key that an answer names."""
    if isinstance(node, dict):
        yield from ([node["key"]] if "key" in node else [])
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from keys_in(inner)


@pytest.mark.parametrize("prefix", ["..%2f", "%2e%2e/", "%00", "%2f", "..%5c", "%252e%252e", "%ff"])
def test_no_prefix_lists_what_is_no_image(prefix: str, raw: Raw) -> None:
    answer = raw.send("GET", f"/api/images?prefix={prefix}&cursor={prefix}")

    assert (answer.status, answer.json["images"]) == (200, [])


@pytest.mark.parametrize(
    "prefix",
    [
        *("..%2f", "%00", "%2f%2f", "%5c", "%25", "*", "?", "%ff%fe", "%ed%a0%80", "%f4%8f%bf%bf"),
        *("%0d%0a", "kept.jpg%00", "kept%e2%80%8b", "KEPT", "%ef%bd%8bept", "%e2%80%aetpek"),
        *("aws:", "soap%2f", "thumbs%2f", "s3:%2f%2f", "%3fversions", "x" * 1024, "%c3%a9" * 512),
    ],
    ids=lambda prefix: prefix[:20],
)
@pytest.mark.parametrize("listing", LISTINGS)
def test_a_listing_has_nothing_that_does_not_begin_with_the_prefix(
    listing: str, prefix: str, kept: str, raw: Raw
) -> None:
    answer = raw.send("GET", f"{listing}prefix={prefix}")

    wanted = unquote(prefix, errors="replace")
    assert answer.status == 200
    assert [key for key in keys_in(answer.json) if not key.startswith(wanted)] == []
    assert kept not in keys_in(answer.json)


@pytest.mark.parametrize("value", ["x" * 1025, "%c3%a9" * 513], ids=["letters", "bytes"])
@pytest.mark.parametrize("name", ["prefix", "cursor"])
@pytest.mark.parametrize("listing", LISTINGS)
def test_no_listing_begins_with_or_after_what_no_key_is(
    listing: str, name: str, value: str, raw: Raw
) -> None:
    assert_refused(raw.send("GET", f"{listing}{name}={value}"))


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1e2", "NaN", "%00", "9" * 5000, ""])
def test_no_page_is_longer_than_is_allowed(limit: str, raw: Raw) -> None:
    assert_refused(raw.send("GET", f"/api/images?limit={limit}"))


@pytest.mark.parametrize(
    "condition",
    [
        {"folder": {"$ne": "x"}},
        {"folder": ["kept/"]},
        {"folder": "kept"},
        {"folder": "a/" * 17},
        {"folder": "x" * 1025 + "/"},
        {"folder": None},
        {"folder": "\ud800/"},
        {"content_type": [{"$ne": "x"}]},
        {"content_type": {"$exists": True}},
        {"content_type": ["x" * 256]},
        {"content_type": ["x" * 5_000_000]},
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
def test_a_condition_that_is_none_is_refused(condition: dict[str, Any], raw: Raw) -> None:
    assert_refused(raw.post("/api/search", WORDS | {"filter": condition}))


@pytest.mark.parametrize(
    "folder",
    [
        *("../", "./", "/", "*/", "%/", "$ne/", '"},{"key":{"$ne":"/', "\0/", "\u202e/"),
        *("aws:/", "soap/", "KEPT/", "é" * 1000 + "/"),
    ],
    ids=lambda folder: ascii(folder)[:20],
)
def test_a_folder_that_nobody_has_holds_nothing(folder: str, kept: str, raw: Raw) -> None:
    answer = raw.post("/api/search", WORDS | {"filter": {"folder": folder}})

    assert (answer.status, answer.json["matches"]) == (200, [])


def encoded(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "%00", "%ff", "%c3%a9", "AAAA", "x" * 201, "../..", encoded("[" * 140)),
        *(encoded("NaN"), encoded("{}"), encoded("[null,null,null]"), encoded('["0",1,1]')),
        *(encoded('["0",1e999,1]'), encoded('["0",-1,NaN]'), encoded('["0",' + "9" * 99 + ",1]")),
    ],
    ids=lambda cursor: cursor[:20],
)
def test_a_cursor_that_no_page_came_with_is_refused(cursor: str, raw: Raw) -> None:
    assert_refused(raw.send("GET", f"/api/search?text=a&cursor={cursor}"))
