"""What browsers and CloudFront may keep."""

import pytest

from tests.unit.api import QUERIES
from tests.unit.images import flat


def test_the_same_answer_has_the_same_tag_whatever_it_took(api):
    first, second = (api.get("/api/search", text="red") for _ in range(2))

    assert first.headers["ETag"] == second.headers["ETag"]
    assert first.headers["ETag"].startswith('W/"')


@pytest.mark.parametrize("path", ["/api/search", "/api/images", "/api/image", "/api/health"])
def test_a_client_with_a_current_copy_receives_no_body(path, api):
    query = QUERIES.get(path, {})
    tag = api.get(path, **query).headers["ETag"]

    answer = api.call("GET", path, query, headers={"if-none-match": f'"other", {tag}'})

    assert (answer.status, answer.text) == (304, "")
    assert answer.headers["ETag"] == tag


@pytest.mark.parametrize("path", [*QUERIES, "/api/images", "/api/health", "/api/nothing"])
def test_head_is_answered_like_get_without_the_body(path, api):
    query = QUERIES.get(path, {})
    get, head = (api.call(method, path, query) for method in ("GET", "HEAD"))

    assert (head.status, head.text) == (get.status, "")
    assert head.headers | {"Server-Timing": ""} == get.headers | {"Server-Timing": ""}


def test_a_change_changes_the_tag(api):
    before = api.get("/api/images").headers["ETag"]
    api.world.images.put("another", flat())

    answer = api.call("GET", "/api/images", headers={"if-none-match": before})

    assert answer.status == 200
    assert answer.headers["ETag"] != before


@pytest.mark.parametrize(
    ("path", "query", "kept"),
    [
        ("/api/search", {"text": "red"}, "public, max-age=10"),
        ("/api/images", {}, "no-cache"),
        ("/api/image", {"key": "red"}, "no-cache"),
        ("/api/health", {}, "no-cache"),
        ("/api/openapi.json", {}, "public, max-age=300"),
        ("/api/image", {"key": "missing"}, "no-store"),
        ("/api/search", {}, "no-store"),
    ],
)
def test_a_response_states_how_long_it_may_be_cached(path, query, kept, api):
    assert api.get(path, **query).headers["Cache-Control"] == kept


def test_a_response_to_post_is_not_cached(api):
    answer = api.post("/api/search", {"terms": [{"text": "red"}]})

    assert answer.headers["Cache-Control"] == "no-store"
