"""Every image is listed once, the newest first, by the adapter and the local index."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from image_search import newest
from image_search.errors import CursorError
from image_search.filters import Filter
from image_search.newest import NewestFirst
from image_search.records import Match, record_id
from tests.tiny_bundle import DIMENSION
from tests.unit.records import metadata, record

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
    upsert(vectors, {str(number): NOW - 5 for number in range(35)})

    assert sorted(walk(vectors, 7)) == sorted(map(str, range(35)))


def test_times_of_upload_bound_the_listing(vectors):
    upsert(vectors, {str(n): NOW - 3600 * n for n in range(100)})
    day = Filter(uploaded_after=NOW - 3600 * 60, uploaded_before=NOW - 3600 * 36)

    assert walk(vectors, 5, day) == [str(n) for n in range(37, 61)]


def test_changes_between_pages_hide_and_repeat_no_image(vectors):
    stays = {f"stays-{number}": NOW - 1000 * number for number in range(20)}
    goes = {f"goes-{number}": NOW - 1000 * number - 1 for number in range(20)}
    upsert(vectors, stays | goes)
    count = iter(range(100))

    def change():
        vectors.delete(list(goes))
        upsert(vectors, {f"new-{next(count)}": NOW + 10})

    found = [key for key in walk(vectors, 6, between=change) if key in stays]

    assert found == list(stays)


class CountingIndex:
    """Images of these times, and the number of requests for them."""

    def __init__(self, times):
        self.images = [metadata(key=str(n), uploaded_at=at) for n, at in enumerate(times)]
        self.requests = 0

    def near_vector(self, vector, limit, wanted):
        self.requests += 1
        inside = range(wanted.uploaded_after, wanted.uploaded_before)
        found = [image for image in self.images if image.uploaded_at in inside]
        return [Match(image, score=0) for image in found[:limit]]

    def rank(self, vector, limit, wanted):
        return [match.ranked for match in self.near_vector(vector, limit, wanted)]

    def fetch_ids(self, ids):
        self.requests += 1
        return {record_id(it.key): it for it in self.images if record_id(it.key) in ids}


@pytest.mark.parametrize(
    ("ages", "requests"),
    [
        ([0] * 3000, 23),
        (range(3000), 12),
        (range(0, 86_400 * 3000, 86_400), 3),
        (range(0, 15 * YEAR, 15 * YEAR // 3000), 5),
        ([15 * YEAR] * 40, 7),
        # A few come before so many that windows must shrink again and again.
        ([*range(0, 70_000, 7000), *(80_000 + n // 200 for n in range(4000))], 35),
    ],
    ids=["one second", "seconds", "days", "years", "long ago", "a burst behind others"],
)
def test_a_page_takes_few_requests(ages, requests):
    index = CountingIndex([NOW - age for age in ages])

    found, _ = listing(index).page("", 50)

    assert len(found) == min(50, len(ages))
    assert index.requests <= requests


def test_only_wanted_images_are_listed(vectors):
    upsert(vectors, {"a/IMG_2041.jpg": NOW - 9, "b/img2041.png": NOW - 5, "a/2042.jpg": NOW})

    assert walk(vectors, 10, Filter(name="IMG_2041")) == ["b/img2041.png", "a/IMG_2041.jpg"]
    assert walk(vectors, 10, Filter(name="2041", folder="a/")) == ["a/IMG_2041.jpg"]
    assert walk(vectors, 10, Filter(folder="a/")) == ["a/2042.jpg", "a/IMG_2041.jpg"]


@pytest.mark.parametrize("cursor", ["x", "1-2", "-1-" + "0" * 32, "1" * 13 + "-" + "0" * 32])
def test_a_cursor_of_no_page_is_refused(cursor, vectors):
    with pytest.raises(CursorError):
        listing(vectors).page(cursor, 10)
