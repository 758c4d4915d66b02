"""Every error of the API is an RFC 9457 problem that states the remedy."""

import base64

import pytest

from image_search.decoding import MAX_IMAGE_BYTES
from image_search.errors import VectorIndexBusyError, VectorIndexError, VectorIndexTimeoutError
from search_api.fields import MAX_INLINE_BYTES
from tests.unit.api import QUERIES, problem
from tests.unit.images import png_claiming


@pytest.mark.parametrize("query", [{}, {"top_k": "3"}, {"text": ["red"] * 9}])
def test_a_search_has_one_to_eight_terms(query, api):
    answer = api.get("/api/search", **query)

    assert problem(answer) == (422, "invalid-request")
    assert "1 to 8 are allowed" in answer.body["detail"]


@pytest.mark.parametrize(
    ("query", "field", "allowed"),
    [
        ({"top_k": "0"}, "top_k", {"ge": "1"}),
        ({"top_k": "101"}, "top_k", {"le": "100"}),
        ({"top_k": "many"}, "top_k", {}),
        ({"text": ["red", " "]}, "text.1", {"min_length": "1"}),
        ({"text": "x" * 100_001}, "text.0", {"max_length": "100000"}),
        ({"key": ""}, "key.0", {"min_length": "1"}),
        ({"min_score": "nan"}, "min_score", {}),
        ({"relative": "1.1"}, "relative", {"le": "1.0"}),
        ({"sort": "size"}, "sort", {"expected": "'score', 'uploaded_at' or 'taken_at'"}),
        ({"key": "red", "crop": "0,0,1"}, "crop.3", {}),
        ({"key": "red", "crop": "-1,0,1,1"}, "crop.0", {"ge": "0.0"}),
        ({"key": "red", "crop": "0.5,0,0.6,1"}, "crop", {}),
        ({"key": "red", "crop": "0,0,0,1"}, "crop", {}),
        ({"folder": "name"}, "folder", {}),
        ({"uploaded_after": "yesterday"}, "uploaded_after", {}),
        ({"text": "\u200b"}, "text.0", {}),
        ({"orientation": "upside down"}, "orientation", None),
        ({"min_width": "0"}, "min_width", {"ge": "1"}),
    ],
)
def test_a_wrong_parameter_is_reported_with_its_value_and_the_allowed_range(
    query, field, allowed, api
):
    answer = api.get("/api/search", **{"text": "red"} | query)

    assert problem(answer) == (422, "invalid-request")
    (error, *_) = answer.body["errors"]
    assert error["field"] == field
    assert error["got"]
    assert allowed in (error["allowed"], None)
    assert answer.body["detail"].startswith(f"{field}: {error['detail']}")


@pytest.mark.parametrize("path", ["/api/duplicates", "/api/map"])
@pytest.mark.parametrize("folder", ["name", "é" * 512 + "/"])
def test_a_folder_ends_with_a_slash_and_is_no_longer_than_a_key(path, folder, api):
    assert problem(api.get(path, folder=folder)) == (422, "invalid-request")


@pytest.mark.parametrize("path", ["/api/duplicates", "/api/map"])
def test_a_folder_of_a_listing_may_have_any_depth(path, api):
    assert api.get(path, folder="a/" * 17).status == 200


@pytest.mark.parametrize("path", ["/api/search", "/api/images", "/api/health"])
def test_an_unknown_parameter_is_refused(path, api):
    answer = api.get(path, prefiks="a/")

    assert problem(answer) == (422, "invalid-request")
    assert "unknown parameter prefiks" in answer.body["detail"]


def test_a_parameter_that_contradicts_itself_is_refused(api):
    answer = api.get("/api/search", text="red", top_k=["1", "2"])

    assert problem(answer) == (422, "invalid-request")
    assert "top_k is given 2 times, once is allowed" in answer.body["detail"]


@pytest.mark.parametrize("keys", [[], ["red", "new"]])
def test_a_crop_belongs_to_one_key(keys, api):
    answer = api.get("/api/search", text="red", key=keys, crop="0,0,1,1")

    assert problem(answer) == (422, "invalid-request")
    assert "crop belongs to one key" in answer.body["detail"]


NOT_BASE64, RED_TERM = "%%%", {"text": "red"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "terms"),
        ({"terms": []}, "terms"),
        ({"terms": [RED_TERM] * 9}, "terms"),
        ({"terms": [{}]}, "terms.0"),
        ({"terms": [RED_TERM | {"key": "red"}]}, "terms.0"),
        ({"terms": [RED_TERM | {"crop": [0, 0, 1, 1]}]}, "terms.0"),
        ({"terms": [RED_TERM | {"weight": 0}]}, "terms.0"),
        ({"terms": [RED_TERM, RED_TERM | {"weight": 11}]}, "terms.1.weight"),
        ({"terms": [{"text": ""}]}, "terms.0.text"),
        ({"terms": [{"text": "\ud800"}]}, "terms.0.text"),
        ({"terms": [{"image": NOT_BASE64}]}, "terms.0.image"),
        ({"terms": [{"key": "red", "crop": [0, 0, 1]}]}, "terms.0.crop.3"),
        ({"terms": [{"key": "red", "crop": [0, 0, 1, 0]}]}, "terms.0.crop"),
        ({"terms": [RED_TERM | {"wait": 1}]}, "terms.0.wait"),
        ({"terms": [RED_TERM], "filter": {"colour": "red"}}, "filter.colour"),
        ({"terms": [RED_TERM], "filter": {"folder": "a"}}, "filter.folder"),
        ({"terms": [RED_TERM], "topk": 3}, "topk"),
    ],
)
def test_a_wrong_query_is_reported_by_its_field(body, field, api):
    answer = api.post("/api/search", body)

    assert problem(answer) == (422, "invalid-request")
    assert answer.body["errors"][0]["field"] == field


@pytest.mark.parametrize("weight", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_weight_is_a_number(weight, api):
    answer = api.post("/api/search", f'{{"terms": [{{"text": "red", "weight": {weight}}}]}}')

    assert problem(answer) == (422, "invalid-request")
    assert answer.body["errors"][0]["field"] == "terms.0.weight"


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', "[" * 100_000, "9" * 5000])
def test_a_body_that_is_not_a_query_is_reported(body, api):
    assert problem(api.post("/api/search", body)) == (422, "invalid-request")


@pytest.mark.parametrize(
    "content_type",
    [
        *("", "text/plain", "application/jsonp", "application/json/x", "multipart/form-data"),
        *("text/plain; application/json", "application/json, text/plain"),
    ],
)
def test_a_body_that_is_not_json_is_reported(content_type, api):
    answer = api.call("POST", "/api/search", body="text=a", headers={"content-type": content_type})

    assert problem(answer) == (415, "unsupported-content-type")


def test_json_is_known_by_any_spelling_of_its_type(api):
    body = {"terms": [RED_TERM]}

    answer = api.call("POST", "/api/search", None, body, {"content-type": "Application/JSON; x=y"})

    assert answer.status == 200


def test_a_body_that_is_wrong_in_many_fields_has_a_short_answer(api):
    wrong = {f"{number}{'x' * 1000}": 1 for number in range(1000)}

    answer = api.post("/api/search", {"terms": [RED_TERM]} | wrong)

    assert problem(answer) == (422, "invalid-request")
    assert len(answer.text) < 10_000


def test_terms_that_cancel_out_are_refused(api):
    answer = api.get("/api/search", text="red", not_text="red")

    assert problem(answer) == (422, "invalid-request")
    assert "cancel each other out" in answer.body["detail"]


def test_an_inline_image_is_at_most_4_mb(api):
    image = "A" * (MAX_INLINE_BYTES * 4 // 3 + 8)

    answer = api.post("/api/search", {"terms": [{"image": image}]})

    assert problem(answer) == (413, "image-too-large")
    assert "send a smaller copy" in answer.body["detail"]


@pytest.mark.parametrize("data", [b"", b"text", png_claiming(10_000, 10_000)])
def test_an_inline_image_that_cannot_be_embedded_is_refused(data, api):
    image = base64.b64encode(data).decode()

    answer = api.post("/api/search", {"terms": [{"image": image}]})

    assert problem(answer) == (422, "image-rejected")


def test_a_crop_of_less_than_a_pixel_is_reported(api):
    answer = api.get("/api/search", key="red", crop="0,0,0.01,0.01")

    assert problem(answer) == (422, "invalid-request")
    assert "smaller than one pixel" in answer.body["detail"]


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "WzEsIDIsIDNd", "W10=", "bnVsbA==", "é", "\0"),
        *(
            base64.b64encode(it).decode()
            for it in (b"[null,null,null]", b'["0",1e999,1]', b"[" * 140)
        ),
    ],
    ids=lambda cursor: ascii(cursor)[:20],
)
def test_a_cursor_that_no_page_came_with_is_reported(cursor, api):
    assert problem(api.get("/api/search", text="red", cursor=cursor)) == (422, "invalid-cursor")


@pytest.mark.parametrize("other", [{"text": "blue"}, {"orientation": "square"}])
def test_a_cursor_of_another_query_is_reported(other, api):
    cursor = api.get("/api/search", text="red", top_k="1").body["cursor"]

    answer = api.get("/api/search", **{"text": "red", "cursor": cursor} | other)

    assert problem(answer) == (422, "invalid-cursor")
    assert "belongs to another query" in answer.body["detail"]


@pytest.mark.parametrize("limit", ["0", "101", "all", "-1", "1e2", "NaN", ""])
def test_a_page_has_1_to_100_images(limit, api):
    answer = api.get("/api/images", limit=limit)

    assert problem(answer) == (422, "invalid-request")
    assert answer.body["errors"][0]["field"] == "limit"


def upload(**overrides):
    return {"key": "a.jpg", "content_type": "image/jpeg", "size": 100} | overrides


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (upload(size=0), "size"),
        (upload(size=MAX_IMAGE_BYTES + 1), "size"),
        (upload(content_type="image/svg+xml"), "content_type"),
        ({"content_type": "image/jpeg", "size": 1}, "key"),
    ],
)
def test_a_wrong_upload_is_reported_by_its_field(request_, field, api):
    answer = api.post("/api/uploads", request_)

    assert problem(answer) == (422, "invalid-request")
    assert [error["field"] for error in answer.body["errors"]] == [field]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"'])
def test_a_body_that_is_not_an_upload_is_reported(body, api):
    assert problem(api.post("/api/uploads", body)) == (422, "invalid-request")


def test_an_upload_over_an_image_is_a_conflict(api):
    answer = api.post("/api/uploads", upload(key="red"))

    assert problem(answer) == (409, "image-exists")
    assert "'red' exists" in answer.body["detail"]
    assert "send its etag as replace" in answer.body["detail"]
    assert api.world.images.count_of("put_object") == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.get("/api/image", key="missing"),
        lambda api: api.delete("missing"),
        lambda api: api.get("/api/search", key="missing"),
    ],
)
def test_a_missing_image_is_not_found(call, api):
    answer = call(api)

    assert problem(answer) == (404, "image-not-found")
    assert "'missing'" in answer.body["detail"]


@pytest.mark.parametrize("data", [b"text", png_claiming(30_000, 30_000)])
def test_a_search_by_an_object_that_is_not_an_image_is_refused(data, api):
    api.world.images.put("bad", data)

    assert problem(api.get("/api/search", key="bad")) == (422, "image-rejected")


@pytest.mark.parametrize(
    ("error", "reported", "retry"),
    [
        (VectorIndexBusyError("slower"), (429, "index-busy"), "2"),
        (VectorIndexTimeoutError("late"), (504, "index-timeout"), "2"),
        (VectorIndexError("request to 10.0.0.1"), (503, "index-unavailable"), "2"),
    ],
)
@pytest.mark.parametrize("path", ["/api/search", "/api/images", "/api/image", "/api/health"])
def test_an_error_of_the_index_is_reported(error, reported, retry, path, api):
    api.world.vectors.broken = error

    answer = api.get(path, **QUERIES.get(path, {}))

    assert problem(answer) == reported
    assert answer.headers.get("Retry-After") == retry
    assert str(error) not in answer.text


@pytest.mark.parametrize(
    "request_",
    [
        *("GET /", "GET /api", "GET /api/searches", "GET /api/uploads", "GET /other/api/health"),
        *("GET /api/images/red", "DELETE /api/images/red", "DELETE /api/search", "PUT /api/image"),
        *("PATCH /api/search", "OPTIONS /api/health", "TRACE /api/image"),
    ],
)
def test_another_route_is_not_found(request_, api):
    answer = api.call(*request_.split())

    assert problem(answer) == (404, "no-such-route")
    assert "red" in api.world.images.data


@pytest.mark.parametrize("part", ["images", "vectors"])
def test_an_unexpected_error_reveals_nothing_internal(part, api):
    getattr(api.world, part).broken = RuntimeError("password in file x.py")

    answer = api.get("/api/images")

    assert problem(answer) == (500, "fault")
    assert "password" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "Traceback" not in answer.text
