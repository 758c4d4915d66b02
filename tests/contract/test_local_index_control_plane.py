import httpx
import pytest
from pinecone import ConflictError, ForbiddenError, NotFoundError

SPEC = {"serverless": {"cloud": "aws", "region": "eu-west-1"}}
OLDER = "2025-10"  # the last API without a schema


def definition(**overrides):
    return {"name": "given", "dimension": 4, "metric": "cosine", "spec": SPEC} | overrides


def schema_body(**field):
    vector = {"type": "dense_vector", "dimension": 4, "metric": "cosine"} | field
    return {"name": "wrong", "schema": {"fields": {"_values": vector}}}


def test_a_created_index_is_described_as_requested(client, unused_name):
    name = unused_name()

    client.indexes.create(name=name, dimension=8, metric="dotproduct", spec=SPEC, tags={"a": "b"})

    model = client.indexes.describe(name)
    assert (model.name, model.dimension, model.metric) == (name, 8, "dotproduct")
    assert (model.deployment.cloud, model.deployment.region) == ("aws", "eu-west-1")
    assert (model.deletion_protection, model.tags) == ("disabled", {"a": "b"})
    assert model.status.ready


def test_the_host_of_an_index_is_on_the_port_that_was_asked(client, server, unused_name):
    model = client.indexes.create(name=unused_name(), dimension=4, spec=SPEC)

    assert model.host.startswith(f"{server.url}/")
    assert model.host.endswith(f"/{model.name}")


def test_an_index_is_reached_by_its_name(client, unused_name):
    name = unused_name()
    client.indexes.create(name=name, dimension=4, spec=SPEC)

    assert client.index(name).describe_index_stats().dimension == 4


def test_a_name_is_taken_once(client, unused_name):
    name = unused_name()
    client.indexes.create(name=name, dimension=4, spec=SPEC)

    with pytest.raises(ConflictError):
        client.indexes.create(name=name, dimension=4, spec=SPEC)


def test_every_index_is_listed(client, unused_name):
    name = unused_name()
    client.indexes.create(name=name, dimension=4, spec=SPEC)

    assert name in [model.name for model in client.indexes.list()]


def test_a_deleted_index_is_gone_with_its_records(client, unused_name):
    name = unused_name()
    client.indexes.create(name=name, dimension=4, spec=SPEC)
    client.index(name).upsert(vectors=[("a", [1, 0, 0, 0])])

    client.indexes.delete(name)

    assert not client.indexes.exists(name)
    client.indexes.create(name=name, dimension=4, spec=SPEC)
    assert client.index(name).describe_index_stats().total_vector_count == 0


def test_a_protected_index_is_deleted_only_after_the_protection_is_off(client, unused_name):
    name = unused_name()
    client.indexes.create(name=name, dimension=4, spec=SPEC, deletion_protection="enabled")

    with pytest.raises(ForbiddenError, match="Deletion protection is enabled for this index"):
        client.indexes.delete(name)

    client.indexes.configure(name, deletion_protection="disabled")
    client.indexes.delete(name)
    assert not client.indexes.exists(name)


@pytest.mark.parametrize("name", ["-a", "a-", "A", "a_b", ""])
def test_a_name_is_refused_in_the_words_of_the_service(name, server):
    field = {"type": "dense_vector", "dimension": 4, "metric": "cosine"}
    body = {"name": name, "schema": {"fields": {"_values": field}}}

    answer = server.http().post("/indexes", json=body)

    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "start and end with an alphanumeric character" in answer.json()["error"]["message"]


def test_tags_are_merged_and_an_empty_one_is_removed(client, unused_name):
    name = unused_name()
    client.indexes.create(name=name, dimension=4, spec=SPEC, tags={"a": "1", "b": "2"})

    model = client.indexes.configure(name, tags={"a": "", "c": "3"})

    assert model.tags == {"b": "2", "c": "3"}


def test_a_change_of_a_fixed_setting_is_refused(server, client, unused_name):
    name = unused_name()
    client.indexes.create(name=name, dimension=4, spec=SPEC)

    answer = server.http().patch(f"/indexes/{name}", json={"dimension": 8})

    assert answer.status_code == httpx.codes.BAD_REQUEST


def test_an_unknown_index_is_not_found(client):
    with pytest.raises(NotFoundError):
        client.indexes.describe("unknown")
    with pytest.raises(NotFoundError):
        client.indexes.delete("unknown")


def test_an_older_client_creates_and_reads_an_index_in_its_own_words(server, unused_name):
    name = unused_name()

    with server.http(version=OLDER) as http:
        created = http.post("/indexes", json=definition(name=name, metric="euclidean"))
        described = http.get(f"/indexes/{name}").json()

    assert created.status_code == httpx.codes.CREATED
    assert created.json() == described
    assert (described["dimension"], described["metric"]) == (4, "euclidean")
    assert described["spec"]["serverless"]["region"] == "eu-west-1"
    assert "schema" not in described


@pytest.mark.parametrize(
    "body",
    [
        definition(name="Upper"),
        definition(name="-edge"),
        definition(name="x" * 46),
        definition(dimension=0),
        definition(dimension=20_001),
        definition(dimension="4"),
        definition(metric="manhattan"),
        definition(vector_type="sparse"),
        definition(spec={"pod": {"environment": "us-east1-gcp"}}),
    ],
)
def test_a_wrong_definition_is_refused_in_the_older_version(server, body):
    answer = server.http(version=OLDER).post("/indexes", json=body)

    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert answer.json()["error"]["code"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    "body",
    [
        {},
        schema_body(dimension=0),
        schema_body(metric="manhattan"),
        schema_body(type="sparse_vector"),
        {"schema": {"fields": {"another": {"type": "dense_vector", "dimension": 4}}}},
        schema_body() | {"deployment": {"deployment_type": "pod"}},
    ],
)
def test_a_wrong_schema_is_refused(server, body):
    answer = server.http().post("/indexes", json=body)

    assert answer.status_code == httpx.codes.BAD_REQUEST


@pytest.mark.parametrize("path", ["/indexes", "/data/any/vectors/list"])
def test_a_request_without_a_key_is_refused(server, path):
    assert httpx.get(server.url + path).status_code == httpx.codes.UNAUTHORIZED
