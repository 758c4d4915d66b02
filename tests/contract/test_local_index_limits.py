import json

import pytest

GOOD = [1, 0, 0, 0]


def record(**overrides):
    return {"id": "a", "values": GOOD} | overrides


def query(**overrides):
    return {"vector": GOOD, "topK": 1} | overrides


def refused(answer, status=400):
    """The status, and the body in which the data plane puts its reason."""
    body = answer.json()
    return answer.status_code == status and body["message"] and body["details"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "x" * 513},
        {"id": "é"},
        {"id": "nul\0"},
        {"id": 1},
        {"values": [1, 0, 0]},
        {"values": [1, 0, 0, 0, 0]},
        {"values": []},
        {"values": [0, 0, 0, 0]},
        {"values": [1e-60, 0, 0, 0]},
        {"values": [1e39, 0, 0, 0]},
        {"values": [float("nan"), 0, 0, 1]},
        {"values": [float("inf"), 0, 0, 1]},
        {"values": ["1", 0, 0, 0]},
        {"values": [True, 0, 0, 0]},
        {"values": None},
        {"sparseValues": {"indices": [1], "values": [0.5]}},
        {"metadata": {"field": None}},
        {"metadata": {"field": {"nested": 1}}},
        {"metadata": {"field": [1, 2]}},
        {"metadata": {"field": ["x", None]}},
        {"metadata": {"field": float("nan")}},
        {"metadata": {"field": 10**400}},
        {"metadata": {"$field": 1}},
        {"metadata": {"field": "x" * 40_960}},
        {"metadata": "text"},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
def test_a_wrong_record_is_refused_with_all_the_others(records_http, wrong):
    body = json.dumps({"vectors": [record(id="good"), record(**wrong)]})

    answer = records_http.post("/vectors/upsert", content=body)

    assert refused(answer)
    assert records_http.post("/describe_index_stats").json()["totalVectorCount"] == 0


@pytest.mark.parametrize(
    "right",
    [
        {"id": "x" * 512},
        {"id": "tab\tand ~"},
        {"metadata": None},
        {"metadata": {"": "an empty key"}},
        {"metadata": {"field": "x" * (40_960 - len('{"field":""}'))}},
        {"metadata": {"field": []}},
        {"values": [0, 0, 0, -1e-30]},
    ],
    ids=lambda right: str(right)[:40],
)
def test_a_record_at_the_limit_is_accepted(records_http, right):
    answer = records_http.post("/vectors/upsert", json={"vectors": [record(**right)]})

    assert answer.json() == {"upsertedCount": 1}


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1000, 200), (1001, 400)])
def test_an_upsert_has_at_most_1000_records(records_http, count, status):
    vectors = [record(id=str(number)) for number in range(count)]

    answer = records_http.post("/vectors/upsert", json={"vectors": vectors})

    assert answer.status_code == status


@pytest.mark.parametrize(("size", "status"), [(2 * 1024 * 1024, 200), (2 * 1024 * 1024 + 1, 400)])
def test_a_request_has_at_most_2_megabytes(records_http, size, status):
    body = json.dumps({"vectors": [record()]}).encode()

    answer = records_http.post("/vectors/upsert", content=body.ljust(size))

    assert answer.status_code == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"topK": 0},
        {"topK": 10_001},
        {"topK": "1"},
        {"topK": None},
        {"vector": [1, 0]},
        {"vector": [float("nan"), 0, 0, 1]},
        {"vector": None},
        {"includeMetaData": True},
        {"id": "a"},
        {"vector": None, "id": ""},
        {"sparseVector": {"indices": [1], "values": [0.5]}},
        {"namespace": "é"},
        {"namespace": "x" * 513},
        {"filter": "text"},
    ],
    ids=str,
)
def test_a_wrong_query_is_refused(records_http, wrong):
    assert refused(records_http.post("/query", content=json.dumps(query(**wrong))))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/vectors/delete", {}),
        ("/vectors/delete", {"filter": {}}),
        ("/vectors/delete", {"ids": []}),
        ("/vectors/delete", {"ids": ["a"], "deleteAll": True}),
        ("/vectors/delete", {"ids": ["a"], "filter": {"n": 1}}),
        ("/vectors/delete", {"ids": [str(number) for number in range(1001)]}),
        ("/vectors/update", {"setMetadata": {"n": 1}}),
        ("/vectors/update", {"id": "a", "filter": {"n": 1}}),
        ("/vectors/update", {"filter": {"n": 1}, "values": GOOD}),
        ("/vectors/update", {"id": "a", "setMetadata": {"n": None}}),
        ("/vectors/fetch_by_metadata", {}),
        ("/vectors/fetch_by_metadata", {"filter": {}}),
        ("/vectors/fetch_by_metadata", {"filter": {"n": 1}, "limit": 10_001}),
        ("/describe_index_stats", {"filter": {"n": 1}}),
        ("/namespaces", {"name": ""}),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_request_is_refused(records_http, path, body):
    assert refused(records_http.post(path, json=body))


@pytest.mark.parametrize("changed", [{"values": [1, 0]}, {"values": [0, 0, 0, 0]}])
def test_an_update_to_a_wrong_vector_is_refused(records_http, changed):
    records_http.post("/vectors/upsert", json={"vectors": [record()]})

    assert refused(records_http.post("/vectors/update", json={"id": "a"} | changed))


def test_an_update_may_not_grow_metadata_over_the_limit(records_http):
    half = "x" * 30_000
    records_http.post("/vectors/upsert", json={"vectors": [record(metadata={"one": half})]})

    answer = records_http.post("/vectors/update", json={"id": "a", "setMetadata": {"two": half}})

    assert refused(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/vectors/list?limit=0",
        "/vectors/list?limit=101",
        "/vectors/list?limit=many",
        "/vectors/list?paginationToken=%C3%A9",
        "/namespaces?limit=101",
        "/vectors/fetch",
        "/vectors/fetch?ids=",
    ],
)
def test_a_wrong_parameter_is_refused(records_http, path):
    assert refused(records_http.get(path))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"topK": 1,}', b"\xff"])
def test_a_body_that_is_not_the_json_wanted_is_refused(records_http, body):
    assert refused(records_http.post("/query", content=body))


def test_an_unknown_index_is_not_found(server):
    assert refused(server.http("unknown").post("/query", json=query()), status=404)


def test_an_operation_that_is_not_served_is_not_found(records_http):
    answer = records_http.post("/records/namespaces/n/search", json={})

    assert refused(answer, status=404)
