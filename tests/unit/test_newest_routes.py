"""The listing of images by time and by file name."""

import pytest

from tests.unit.records import record


@pytest.fixture
def api(vectors, new_api):
    keys = ["a/IMG_2041.jpg", "b/x.jpg", "a/y.jpg"]
    vectors.upsert([record(key=key, uploaded_at=1_700_000_000 + n) for n, key in enumerate(keys)])
    return new_api({"vectors": vectors})


def keys(answer):
    return [image["key"] for image in answer.body["images"]]


def test_the_newest_come_first_page_by_page(api):
    first = api.get("/api/images", sort="newest", limit="2")
    second = api.get("/api/images", sort="newest", limit="2", cursor=first.body["cursor"])

    assert keys(first) + keys(second) == ["a/y.jpg", "b/x.jpg", "a/IMG_2041.jpg"]
    assert second.body["cursor"] is None


def test_images_are_found_by_file_name(api):
    assert keys(api.get("/api/images", name="img_2041")) == ["a/IMG_2041.jpg"]
    assert keys(api.get("/api/images", name="jpg", prefix="a/")) == ["a/y.jpg", "a/IMG_2041.jpg"]


def test_conditions_list_what_meets_them_the_newest_first(api):
    assert keys(api.get("/api/images", uploaded_after="1700000001")) == ["a/y.jpg", "b/x.jpg"]
    before = api.get("/api/images", uploaded_before="1700000002", prefix="a/")
    assert keys(before) == ["a/IMG_2041.jpg"]
    assert keys(api.get("/api/images", min_width="100000")) == []


@pytest.mark.parametrize(
    "query",
    [
        {"orientation": "square", "folders": "true"},
        {"orientation": "square", "state": "rejected"},
        {"orientation": "square", "prefix": "a"},
        {"sort": "newest", "folders": "true"},
        {"sort": "newest", "prefix": "a"},
        {"sort": "newest", "prefix": "a/" * 17},
        {"sort": "newest", "cursor": "a/y.jpg"},
        {"sort": "oldest"},
        {"name": "___"},
    ],
    ids=str,
)
def test_a_listing_that_the_index_does_not_support_is_refused(query, api):
    assert api.get("/api/images", **query).status == 422
