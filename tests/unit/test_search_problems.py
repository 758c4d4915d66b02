"""Every error of the API is an RFC 9457 problem that says what to do."""

import pytest

from image_search.errors import (
    VectorIndexBusyError,
    VectorIndexError,
    VectorIndexTimeoutError,
)
from image_search.preprocess import MAX_IMAGE_BYTES
from tests.unit.pictures import png_claiming


def problem(answer):
    """A problem's status and kind, after what all of them have in common."""
    assert answer.content_type == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= answer.body.keys()
    assert answer.body["status"] == answer.status
    assert answer.body["title"]
    assert answer.body["detail"]
    return answer.status, answer.body["type"].removeprefix("/problems/")


@pytest.mark.parametrize("query", [{}, {"text": "red", "key": "red"}, {"top_k": "3"}])
def test_a_search_needs_either_words_or_a_key(query, api):
    answer = api.get("/api/search", **query)

    assert problem(answer) == (422, "invalid-request")
    assert answer.body["detail"] == "send either text or key"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"text": "red", "top_k": "0"}, "query.top_k"),
        ({"text": "red", "top_k": "101"}, "query.top_k"),
        ({"text": "red", "top_k": "many"}, "query.top_k"),
        ({"text": ""}, "query.text"),
        ({"text": "x" * 1001}, "query.text"),
        ({"key": ""}, "query.key"),
        ({"key": "x" * 1025}, "query.key"),
    ],
)
def test_a_wrong_search_is_told_by_its_field(query, field, api):
    answer = api.get("/api/search", **query)

    assert problem(answer) == (422, "invalid-request")
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert answer.body["detail"] == f"{field}: {answer.body['errors'][0]['detail']}"


@pytest.mark.parametrize("limit", ["0", "101", "all"])
def test_a_page_has_1_to_100_images(limit, api):
    answer = api.get("/api/images", limit=limit)

    assert problem(answer) == (422, "invalid-request")
    assert answer.body["errors"][0]["field"] == "query.limit"


def upload(**overrides):
    return {"key": "a.jpg", "content_type": "image/jpeg", "size": 100} | overrides


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (upload(size=0), "body.size"),
        (upload(size=MAX_IMAGE_BYTES + 1), "body.size"),
        (upload(content_type="image/svg+xml"), "body.content_type"),
        (upload(key=""), "body.key"),
        (upload(key="x" * 1025), "body.key"),
        ({"content_type": "image/jpeg", "size": 1}, "body.key"),
    ],
)
def test_a_wrong_upload_is_told_by_its_field(request_, field, api):
    answer = api.post("/api/uploads", request_)

    assert problem(answer) == (422, "invalid-request")
    assert [error["field"] for error in answer.body["errors"]] == [field]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"'])
def test_a_body_that_is_no_upload_is_told(body, api):
    assert problem(api.post("/api/uploads", body)) == (422, "invalid-request")


def test_an_upload_over_an_image_is_a_conflict(api):
    answer = api.post("/api/uploads", upload(key="red"))

    assert problem(answer) == (409, "image-exists")
    assert "'red' exists" in answer.body["detail"]


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.get("/api/images/missing"),
        lambda api: api.delete("/api/images/missing"),
        lambda api: api.get("/api/search", key="missing"),
    ],
)
def test_a_missing_image_is_not_found(call, api):
    answer = call(api)

    assert problem(answer) == (404, "image-not-found")
    assert "'missing'" in answer.body["detail"]


@pytest.mark.parametrize("data", [b"text", png_claiming(30_000, 30_000)])
def test_a_search_by_what_is_no_picture_is_refused(data, api):
    api.world.images.put("bad", data)

    assert problem(api.get("/api/search", key="bad")) == (422, "image-rejected")


@pytest.mark.parametrize(
    ("error", "told", "retry"),
    [
        (VectorIndexBusyError("slower"), (429, "index-busy"), "2"),
        (VectorIndexTimeoutError("late"), (504, "index-timeout"), "2"),
        (VectorIndexError("down"), (502, "index-unavailable"), None),
    ],
)
@pytest.mark.parametrize("path", ["/api/search", "/api/images", "/api/images/red", "/api/health"])
def test_what_the_index_does_not_answer_is_told(error, told, retry, path, api):
    api.world.vectors.broken = error

    answer = api.get(path, **({"text": "red"} if path.endswith("search") else {}))

    assert problem(answer) == told
    assert answer.headers.get("Retry-After") == retry


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api"),
        ("GET", "/api/searches"),
        ("GET", "/api/images/"),
        ("DELETE", "/api/images"),
        ("DELETE", "/api/search"),
        ("GET", "/api/uploads"),
        ("PUT", "/api/images/red"),
        ("GET", "/other/api/health"),
    ],
)
def test_another_route_is_not_found(method, path, api):
    answer = api.call(method, path)

    assert problem(answer) == (404, "no-such-route")
    assert "red" in api.world.images.data


@pytest.mark.parametrize("part", ["images", "vectors"])
def test_an_unexpected_error_says_nothing_of_the_inside(part, api):
    getattr(api.world, part).broken = RuntimeError("password in file x.py")

    answer = api.get("/api/images")

    assert problem(answer) == (500, "fault")
    assert "password" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("key", ["", "ü" * 513, "a/${filename}"])
def test_an_upload_needs_a_key_that_s3_can_store_as_it_is(key, api):
    request = {"key": key, "content_type": "image/jpeg", "size": 1}

    answer = api.post("/api/uploads", request)

    assert problem(answer) == (422, "invalid-request")
    assert "body.key" in answer.body["detail"]
