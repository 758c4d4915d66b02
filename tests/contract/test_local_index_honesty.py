"""What the local index does not do is refused in plain words, never dropped in silence."""

import pytest
from pinecone import PineconeError
from pinecone.grpc import GrpcIndex

from tests.contract.conftest import launch

SPEC = {"serverless": {"cloud": "aws", "region": "us-east-1"}}
SCHEMA = {"fields": {"_values": {"type": "dense_vector", "dimension": 4, "metric": "cosine"}}}
DEDICATED = {"mode": "Dedicated", "dedicated": {"node_type": "b1", "scaling": "Manual"}}


def spec(**overrides):
    return {"spec": {"serverless": SPEC["serverless"] | overrides}, "dimension": 4}


@pytest.mark.parametrize(
    ("version", "wrong", "named"),
    [
        ("2025-10", spec(cloud="ibm"), "cloud: ibm"),
        ("2025-10", spec(region="us-esat-1"), "us-esat-1"),
        ("2025-10", spec(cloud="gcp", region="us-east-1"), "cloud: gcp region: us-east-1"),
        ("2025-10", spec(read_capacity=DEDICATED), "read_capacity"),
        ("2025-10", spec(source_collection="c"), "source_collection"),
        ("2025-10", spec() | {"metrics": "cosine"}, "metrics"),
        ("2026-07", {"schema": SCHEMA, "read_capacity": DEDICATED}, "read_capacity"),
        ("2026-07", {"schema": SCHEMA, "deployment": {"cloud": "aws", "zone": "a"}}, "zone"),
        ("2026-07", {"schema": SCHEMA, "cmek_id": "key"}, "cmek_id"),
    ],
)
def test_an_index_that_would_differ_from_the_request_is_refused(server, version, wrong, named):
    with server.http(version=version) as http:
        answer = http.post("/indexes", json={"name": "refused"} | wrong)

        assert answer.status_code in (400, 404)
        assert named in answer.json()["error"]["message"]
        assert http.get("/indexes/refused").status_code == 404


def test_on_demand_read_capacity_is_what_this_index_has(server, unused_name):
    asked = spec(read_capacity={"mode": "OnDemand"})

    answer = server.http(version="2025-10").post("/indexes", json={"name": unused_name()} | asked)

    assert answer.json()["spec"]["serverless"]["read_capacity"]["mode"] == "OnDemand"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/query", {"vector": [1, 0, 0, 0], "topK": 1, "includeMetaData": True}, "includeMetaData"),
        ("/query", {"vector": [1, 0, 0, 0], "topK": 1, "topk": 1}, "topk"),
        ("/vectors/upsert", {"vectors": [{"id": "a", "value": [1]}]}, "value"),
        ("/vectors/delete", {"ids": ["a"], "deleteall": True}, "deleteall"),
        ("/namespaces", {"name": "n", "schema": {"fields": {"a": {"filterable": True}}}}, "schema"),
    ],
)
def test_a_field_that_would_not_be_kept_is_named(records_http, path, body, field):
    answer = records_http.post(path, json=body)

    assert answer.status_code == 400
    assert field in answer.json()["message"]


@pytest.mark.parametrize(("metric", "scores"), [("cosine", 0), ("dotproduct", 0), ("euclidean", 1)])
def test_a_query_of_zeros_finds_what_the_filter_allows(new_index, metric, scores):
    index = new_index(metric)
    index.upsert(vectors=[("a", [1, 0, 0, 0], {"n": 1}), ("b", [0, 1, 0, 0], {"n": 2})])

    found = index.query(vector=[0, 0, 0, 0], top_k=5, filter={"n": 2}).matches

    assert [(match.id, match.score) for match in found] == [("b", scores)]


def test_names_may_be_in_snake_case_as_protocol_buffers_allow(records_http):
    records_http.post("/vectors/upsert", json={"vectors": [{"id": "a", "values": [1, 0, 0, 0]}]})

    answer = records_http.post("/query", json={"id": "a", "top_k": 1, "include_values": True})

    assert answer.json()["matches"][0]["values"] == [1, 0, 0, 0]


def test_a_grpc_client_gets_the_error_that_the_index_speaks_rest(server):
    client = GrpcIndex(host=server.url, api_key="any", grpc_scheme="http")

    with pytest.raises(PineconeError, match="REST only"):
        client.query(vector=[1, 0, 0, 0], top_k=1)


def test_a_server_prints_how_python_and_node_connect_and_exits_cleanly(tmp_path):
    process = launch(tmp_path)
    lines = [process.stdout.readline() for _ in range(3)]
    process.terminate()

    assert "REST only" in lines[0]
    assert 'Pinecone(api_key="any", host="http://127.0.0.1:' in lines[1]
    assert 'controllerHostUrl: "http://127.0.0.1:' in lines[2]
    assert process.wait(timeout=60) == 0
