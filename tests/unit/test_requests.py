"""What is asked becomes a query of the library, and what cannot be one is refused."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from image_search.errors import CursorError
from image_search.pinecone_index import MAX_RANK
from image_search.preprocess import Crop
from image_search.query import Inline, Position, Query, Stored, Words
from search_api.requests import (
    MAX_INLINE_BYTES,
    InlineTooLargeError,
    SearchParameters,
    SearchRequest,
    TermRequest,
    cursor_of,
)

BUNDLE = "bundle-a"


def query(bundle: str = BUNDLE, **parameters: Any) -> Query:
    """What parameters mean to the library."""
    asked = SearchParameters.model_validate({"text": ["red"]} | parameters)
    return asked.query(asked.terms(), asked, bundle)


@pytest.mark.parametrize(
    "crop",
    [
        "0.6666666666666667,0,0.3333333333333334,1",
        "0,0.6666666666666667,1,0.3333333333333334",
        "0.1,0.2,0.9,0.8",
    ],
)
def test_a_crop_whose_fractions_are_rounded_up_ends_at_the_edge(crop: str) -> None:
    (term,) = SearchParameters.model_validate({"key": ["red"], "crop": crop}).terms()

    assert isinstance(term, Stored)
    assert term.crop
    left, top, right, bottom = term.crop.box((300, 300))
    assert 0 <= left < right <= 300
    assert 0 <= top < bottom <= 300


@pytest.mark.parametrize("crop", ["0.5,0,0.51,1", "0,0.5,1,0.51", "0,0,0,1", "0,0,1,0"])
def test_a_crop_leaves_the_picture_on_no_side_and_has_an_area(crop: str) -> None:
    with pytest.raises(ValidationError, match="the crop"):
        SearchParameters.model_validate({"key": ["red"], "crop": crop})


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock shows local time."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("2026-01-01T00:00:00", 1_767_225_600),
        ("2026-01-01T00:00:00Z", 1_767_225_600),
        ("2026-01-01T00:00:00+09:00", 1_767_225_600 - 9 * 3600),
        ("1767225600", 1_767_225_600),
    ],
)
def test_a_time_is_in_utc_unless_it_says_otherwise(moment: str, seconds: int, tokyo: None) -> None:
    names = ("uploaded_after", "uploaded_before", "taken_after", "taken_before")

    wanted = query(**dict.fromkeys(names, moment)).filter

    assert [getattr(wanted, name) for name in names] == [seconds] * 4


def test_colours_are_any_of_those_named() -> None:
    assert query(color=["red", "gray"]).filter.color == ("red", "gray")
    with pytest.raises(ValidationError, match="color"):
        query(color=["reddish"])


@pytest.mark.parametrize("weight", [-10, 10, 0.001])
def test_a_term_weighs_up_to_ten_times_as_much_for_or_against(weight: float) -> None:
    assert TermRequest(text="red", weight=weight).term() == Words("red", weight)


@pytest.mark.parametrize("weight", [-10.1, 10.1, 0])
def test_a_term_weighs_no_more_and_something(weight: float) -> None:
    with pytest.raises(ValidationError):
        TermRequest(text="red", weight=weight)


def test_a_picture_of_the_largest_size_is_taken_and_one_byte_more_is_not() -> None:
    def term(size: int) -> TermRequest:
        return TermRequest.model_validate({"image": base64.b64encode(bytes(size)).decode()})

    assert term(MAX_INLINE_BYTES).term() == Inline(bytes(MAX_INLINE_BYTES))
    with pytest.raises(InlineTooLargeError):
        term(MAX_INLINE_BYTES + 4)


def test_each_kind_of_term_becomes_the_library_s() -> None:
    terms = [
        {"text": " red "},
        {"key": "a", "crop": [0, 0, 0.5, 1], "weight": -1},
        {"image": "AAAA", "crop": [0, 0, 1, 0.5]},
    ]

    asked = SearchRequest.model_validate({"terms": terms})

    assert [term.term() for term in asked.terms] == [
        Words("red"),
        Stored("a", -1, Crop(0, 0, 0.5, 1)),
        Inline(b"\0\0\0", 1, Crop(0, 0, 1, 0.5)),
    ]


def test_a_cursor_leads_to_the_place_that_it_was_made_for() -> None:
    position = Position(24, 0.87654)

    cursor = cursor_of(position, query(), BUNDLE)

    assert query(cursor=cursor).position == Position(24, 0.8765)
    assert query(cursor=cursor, top_k=3, sort="taken_at").position is not None
    assert cursor_of(None, query(), BUNDLE) is None


@pytest.mark.parametrize(
    "other",
    [
        {"bundle": "bundle-b"},
        {"text": ["blue"]},
        {"not_key": ["a"]},
        {"collapse": True},
        {"min_width": 1},
    ],
    ids=str,
)
def test_a_cursor_belongs_to_one_query_of_one_bundle(other: dict[str, Any]) -> None:
    cursor = cursor_of(Position(24, 0.9), query(), BUNDLE)

    with pytest.raises(CursorError, match="another query"):
        query(cursor=cursor, **other)


@pytest.mark.parametrize("rank", [-1, 0, MAX_RANK, 10**30])
def test_a_cursor_leads_to_no_place_that_the_index_does_not_rank(rank: int) -> None:
    cursor = cursor_of(Position(24, 0.9), query(), BUNDLE)
    assert cursor
    digest, _, best = json.loads(base64.urlsafe_b64decode(cursor))
    forged = base64.urlsafe_b64encode(json.dumps([digest, rank, best]).encode()).decode()

    with pytest.raises(CursorError):
        query(cursor=forged)
