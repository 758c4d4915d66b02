"""Requests become queries of the library; invalid ones are refused."""

import base64
import json
import time

import pytest
from pydantic import TypeAdapter, ValidationError

from image_search.colors import COLORS
from image_search.decoding import Crop
from image_search.errors import CursorError
from image_search.pinecone_index import MAX_RANK
from image_search.query import Inline, Stored, Words
from image_search.ranking import Position, Ranked
from image_search.records import record_id
from search_api.cursors import cursor_of
from search_api.fields import MAX_INLINE_BYTES, InlineTooLargeError, Moment
from search_api.requests import SearchParameters, SearchRequest, TermRequest

BUNDLE = "bundle-a"
NEW_YEAR = 1_767_225_600  # the first second of 2026 in UTC
POSITION = Position(Ranked(record_id("a"), 0.8), 24, 0.9)


def query(bundle=BUNDLE, **parameters):
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
def test_a_crop_whose_fractions_are_rounded_up_ends_at_the_edge(crop):
    (term,) = SearchParameters.model_validate({"key": ["red"], "crop": crop}).terms()

    assert isinstance(term, Stored)
    assert term.crop
    left, top, right, bottom = term.crop.box((300, 300))
    assert 0 <= left < right <= 300
    assert 0 <= top < bottom <= 300


@pytest.mark.parametrize("crop", ["0.5,0,0.51,1", "0,0.5,1,0.51", "0,0,0,1", "0,0,1,0"])
def test_a_crop_leaves_the_image_on_no_side_and_has_an_area(crop):
    with pytest.raises(ValidationError, match="the crop"):
        SearchParameters.model_validate({"key": ["red"], "crop": crop})


@pytest.fixture
def tokyo(monkeypatch):
    """A machine whose clock shows local time."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        *((NEW_YEAR, NEW_YEAR), (str(NEW_YEAR), NEW_YEAR), ("100000000", 100_000_000)),
        *((year, NEW_YEAR) for year in ("2026", 2026, "2026-01", "2026-01-01", "2026-W01-4")),
        *((day, NEW_YEAR) for day in ("20260101", 20_260_101, "2026-01-01 00:00")),
        *(
            (f"2026-01-01{time}", NEW_YEAR)
            for time in ("T00:00:00", "T00:00:00Z", "t09:00:00 09:00")
        ),
        ("20260101T000000Z", NEW_YEAR),
        ("2026-01-01T00:00:00+09:00", NEW_YEAR - 9 * 3600),
    ],
)
def test_a_time_is_in_utc_unless_it_has_an_offset(moment, seconds, tokyo):
    names = ("uploaded_after", "uploaded_before", "taken_after", "taken_before")

    wanted = query(**dict.fromkeys(names, moment)).filter

    assert [getattr(wanted, name) for name in names] == [seconds] * 4


@pytest.mark.parametrize(
    "moment",
    [
        *("1767225600000", "202401", "0", "-1", "99999999", "2024-13", "2024-00", "0000", "1e9"),
        *(True, 1_767_225_600.5, "", "9" * 20, "20240231", "\u0662\u0660\u0662\u0664", [2024]),
        # An offset is that of a time of day; without one it would be taken for a time.
        *("2024-01-01+02:00", "2024-01-01-02:00", "2024-01-01X02:00", "2024-01-01Z"),
    ],
)
def test_an_implausible_time_is_refused_with_examples(moment):
    with pytest.raises(ValidationError, match="2024-05-31T18:30:00"):
        TypeAdapter(Moment).validate_python(moment)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((name, "image/jpeg") for name in ("image/jpg", "jpeg", "JPG", "IMAGE/JPEG", " jpg ")),
        *((name, "image/jpeg") for name in ("jfif", "image/pjpeg", "image/jpeg; q=0.8")),
        *(("TIF", "image/tiff"), ("image/x-ms-bmp", "image/bmp"), ("webp", "image/webp")),
        *(("image/x-png", "image/png"), ("image/apng", "image/png"), ("CR2", "image/x-raw")),
        *(("raw", "image/x-raw"), ("image/x-raw", "image/x-raw")),
        # No record says heif.
        *(("image/heif", "image/heic"), ("heic", "image/heic")),
    ],
)
def test_a_content_type_is_known_by_its_usual_names(written, meant):
    assert query(content_type=[written]).filter.content_type == (meant,)


def test_an_unknown_content_type_is_refused_with_the_known_ones():
    with pytest.raises(ValidationError, match="'image/jpeg', 'image/png'"):
        query(content_type=["image/svg+xml"])


@pytest.mark.parametrize(
    "text",
    [
        *("\u200b", "\u2060\ufeff", "\u00a0\u3000", "\u202e", "\u3164\u2800", "\u200d\ufe0f"),
        *("\u034f", "\u17b4\u17b5", "\u180b", "\U000e0100"),
    ],
    ids=ascii,
)
def test_a_text_that_shows_nothing_is_blank(text):
    with pytest.raises(ValidationError, match=r"no visible character|at least 1 character"):
        query(text=[text])


def test_a_text_with_invisible_characters_is_a_text():
    assert query(text=["\u200bred"]).terms == (Words("\u200bred"),)


def test_colours_are_any_of_those_named():
    assert query(color=["red", "gray"]).filter.color == ("red", "gray")
    with pytest.raises(ValidationError, match="color"):
        query(color=["reddish"])


@pytest.mark.parametrize("weight", [-10, 10, 0.001])
def test_a_term_weighs_up_to_ten_times_as_much_for_or_against(weight):
    assert TermRequest(text="red", weight=weight).term() == Words("red", weight)


@pytest.mark.parametrize("weight", [-10.01, 10.01])
def test_a_term_weighs_no_more_than_that(weight):
    with pytest.raises(ValidationError, match="weight"):
        TermRequest(text="red", weight=weight)


@pytest.mark.parametrize(
    ("parameter", "last", "beyond"),
    [
        *(("top_k", 1, 0), ("top_k", 100, 101)),
        *(("min_score", -1, -1.01), ("min_score", 1, 1.01)),
        *(("relative", 0, -0.01), ("relative", 1, 1.01)),
        *((side, 1, 0) for side in ("min_width", "min_height")),
        *((side, 1_000_000, 1_000_001) for side in ("min_width", "min_height")),
        *(("folder", "a/" * 16, "a/" * 17), ("folder", "é" * 511 + "x/", "é" * 511 + "xy/")),
        ("content_type", ["image/png"] * 10, ["image/png"] * 11),
        ("color", ["red"] * len(COLORS), ["red"] * (len(COLORS) + 1)),
        *(("text", ["x" * 100_000], ["x" * 100_001]), ("key", ["x" * 1024], ["x" * 1025])),
    ],
)
def test_a_parameter_has_a_limit(parameter, last, beyond):
    assert query(**{parameter: last})
    with pytest.raises(ValidationError, match=parameter):
        query(**{parameter: beyond})


def test_a_search_takes_eight_terms():
    red = {"text": "red"}

    assert len(query(text=["red"] * 8).terms) == 8
    assert len(SearchRequest.model_validate({"terms": [red] * 8}).terms) == 8


def test_an_image_of_the_largest_size_is_taken_and_one_byte_more_is_not():
    def term(size):
        return TermRequest.model_validate({"image": base64.b64encode(bytes(size)).decode()})

    assert term(MAX_INLINE_BYTES).term() == Inline(bytes(MAX_INLINE_BYTES))
    with pytest.raises(InlineTooLargeError):
        term(MAX_INLINE_BYTES + 4)


def test_each_kind_of_term_becomes_the_library_s():
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


def test_a_cursor_leads_to_the_place_that_it_was_made_for():
    position = Position(Ranked(record_id("a"), 0.1234567), 9999, 0.8765432)

    cursor = cursor_of(position, query(), BUNDLE)

    assert cursor
    assert query(cursor=cursor).position == position
    assert query(cursor=cursor, top_k=3, sort="taken_at").position is not None
    assert cursor_of(None, query(), BUNDLE) is None


@pytest.mark.parametrize(
    "other",
    [
        *({"bundle": "bundle-b"}, {"text": ["blue"]}, {"not_key": ["a"]}),
        *({"collapse": True}, {"min_width": 1}),
    ],
    ids=str,
)
def test_a_cursor_belongs_to_one_query_of_one_bundle(other):
    cursor = cursor_of(POSITION, query(), BUNDLE)

    with pytest.raises(CursorError, match="another query"):
        query(cursor=cursor, **other)


@pytest.mark.parametrize("rank", [-1, 0, MAX_RANK, 10**30])
def test_a_cursor_leads_to_no_place_that_the_index_does_not_rank(rank):
    with pytest.raises(CursorError):
        query(cursor=forged(1, rank))


@pytest.mark.parametrize("place", [3, 4])
@pytest.mark.parametrize("score", [float("nan"), float("inf"), "high", None])
def test_a_cursor_has_scores(place, score):
    with pytest.raises(CursorError):
        query(cursor=forged(place, score))


def forged(place, part):
    """A cursor of which one part was changed."""
    cursor = cursor_of(POSITION, query(), BUNDLE)
    assert cursor
    parts = json.loads(base64.urlsafe_b64decode(cursor))
    parts[place] = part
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
