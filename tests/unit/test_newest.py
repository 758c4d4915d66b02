"""Every image once, the newest first: asked of the local index through the adapter."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from image_search import newest
from image_search.errors import CursorError
from image_search.filters import Filter
from image_search.newest import NewestFirst, Place
from image_search.pinecone_index import VectorIndex
from tests.tiny_bundle import DIMENSION
from tests.unit.records import record

NOW = 1_764_000_000
YEAR = 365 * 86_400
times = st.one_of(
    st.integers(NOW - 3, NOW),
    st.integers(NOW - 2 * 86_400, NOW + 60),
    st.integers(NOW - 15 * YEAR, NOW),
    st.just(NOW - 10 * YEAR),
)


def listing(vectors):
    return NewestFirst(vectors, lambda: DIMENSION, clock=lambda: NOW)


def upsert(vectors, times_by_key):
    vectors.upsert(
        [
            record(number % 7, key=key, uploaded_at=at)
            for number, (key, at) in enumerate(times_by_key.items())
        ]
    )


def walk(vectors, limit, wanted=newest.ANY, between=lambda: None):
    """The keys of all pages."""
    found, cursor = listing(vectors).page("", limit, wanted)
    while cursor:
        between()
        page, cursor = listing(vectors).page(cursor, limit, wanted)
        assert page
        found += page
    return [image.key for image in found]


@given(st.lists(times, max_size=25), st.integers(3, 12), st.integers(4, 12))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_pages_have_every_image_once_the_newest_first(vectors, monkeypatch, at, limit, full):
    monkeypatch.setattr(newest, "_FULL", full)
    vectors.drop()
    stored = {f"{number}.jpg": time for number, time in enumerate(at)}
    if stored:
        upsert(vectors, stored)

    found = walk(vectors, limit)

    assert sorted(found) == sorted(stored)
    assert [stored[key] for key in found] == sorted(at, reverse=True)


def test_an_image_is_listed_though_the_clock_of_s3_is_ahead(vectors):
    upsert(vectors, {"now": NOW, "ahead": NOW + 60})

    assert walk(vectors, 5) == ["ahead", "now"]


def test_images_of_one_second_that_exceed_a_response_come_once(vectors, monkeypatch):
    monkeypatch.setattr(newest, "_FULL", 10)
    upsert(vectors, {str(number): NOW - 5 for number in range(95)})

    found = walk(vectors, 7)

    assert sorted(found) == sorted(str(number) for number in range(95))


def test_times_of_upload_bound_the_listing(vectors):
    upsert(vectors, {str(n): NOW - 3600 * n for n in range(100)})
    day = Filter(uploaded_after=NOW - 3600 * 60, uploaded_before=NOW - 3600 * 36)

    assert walk(vectors, 5, day) == [str(n) for n in range(37, 61)]


def test_what_comes_and_goes_between_pages_hides_and_repeats_nothing(vectors):
    stays = {f"stays-{number}": NOW - 1000 * number for number in range(20)}
    goes = {f"goes-{number}": NOW - 1000 * number - 1 for number in range(20)}
    upsert(vectors, stays | goes)
    count = iter(range(100))

    def change():
        vectors.delete(list(goes))
        upsert(vectors, {f"new-{next(count)}": NOW + 10})

    found = [key for key in walk(vectors, 6, between=change) if key in stays]

    assert found == list(stays)


@pytest.mark.parametrize("spread", [0, 1, 86_400, 15 * YEAR // 3000])
def test_a_page_takes_a_bounded_number_of_requests(spread, vectors, monkeypatch):
    for start in range(0, 3000, 500):
        upsert(vectors, {str(n): NOW - spread * n for n in range(start, start + 500)})
    asked = []
    query = VectorIndex._ask
    monkeypatch.setattr(
        VectorIndex, "_ask", lambda *args, **given: asked.append(args) or query(*args, **given)
    )

    listing(vectors).page("", 50)

    assert len(asked) <= 40


def test_only_wanted_images_are_listed(vectors):
    upsert(vectors, {"a/IMG_2041.jpg": NOW - 9, "b/img2041.png": NOW - 5, "a/2042.jpg": NOW})

    assert walk(vectors, 10, Filter(name="IMG_2041")) == ["b/img2041.png", "a/IMG_2041.jpg"]
    assert walk(vectors, 10, Filter(name="2041", folder="a/")) == ["a/IMG_2041.jpg"]
    assert walk(vectors, 10, Filter(folder="a/")) == ["a/2042.jpg", "a/IMG_2041.jpg"]


@pytest.mark.parametrize("cursor", ["x", "1-2", "-1-" + "0" * 32, "1" * 13 + "-" + "0" * 32])
def test_a_cursor_of_no_page_is_refused(cursor, vectors):
    with pytest.raises(CursorError):
        listing(vectors).page(cursor, 10)


def test_a_cursor_names_the_place_that_it_was_made_of():
    place = Place.of(record(key="ü", uploaded_at=NOW).metadata)

    assert Place.at(str(place)) == place
