import subprocess
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
from starlette.testclient import TestClient

from local.vector_index.app import create_app
from tests.contract.conftest import launch

SPEC = {"serverless": {"cloud": "aws", "region": "us-east-1"}}


def created(server, name="kept", **options):
    server.client().indexes.create(name=name, dimension=4, spec=SPEC, **options)
    return opened(server, name)


def opened(server, name="kept"):
    return server.client().index(name)


def test_records_changes_deletions_and_settings_survive_a_kill(own_server):
    metadata = {"key": "é.jpg", "n": 1, "tags": ["x"]}
    index = created(own_server, metric="euclidean", deletion_protection="enabled")
    created(own_server, name="gone")
    own_server.client().indexes.configure("kept", tags={"a": "b"})
    own_server.client().indexes.delete("gone")
    index.upsert(vectors=[("a", [0.1, 0.2, 0.3, 0.4], metadata)], namespace="n")
    index.upsert(vectors=[(i, [1, 0, 0, n]) for n, i in enumerate("abc")])
    index.update(id="a", set_metadata={"n": 1})
    index.delete(ids=["b"])
    index.upsert(vectors=[("a", [1, 0, 0, 0])], namespace="gone")
    index.delete_namespace(name="gone")

    own_server.kill()
    own_server.start()

    (model,) = own_server.client().indexes.list()
    assert (model.name, model.metric, model.tags) == ("kept", "euclidean", {"a": "b"})
    assert model.deletion_protection == "enabled"
    index = opened(own_server)
    record = index.fetch(ids=["a"], namespace="n").vectors["a"]
    assert (record.values, record.metadata) == ([0.1, 0.2, 0.3, 0.4], metadata)
    assert [item.id for page in index.list() for item in page.vectors] == ["a", "c"]
    assert index.fetch(ids=["a"]).vectors["a"].metadata == {"n": 1}
    assert set(index.describe_index_stats().namespaces) == {"__default__", "n"}


def upsert_until_it_dies(server, acknowledged, enough):
    """Plain HTTP, because the SDK tries again for seconds."""
    with server.http("kept") as http:
        for number in range(1_000_000):
            vectors = [{"id": f"{number}-{part}", "values": [1, 0, 0, 1]} for part in range(3)]
            try:
                http.post("/vectors/upsert", json={"vectors": vectors}).raise_for_status()
            except httpx.TransportError:
                return
            acknowledged.append(number)
            if len(acknowledged) == 50:
                enough.set()


def test_a_kill_in_the_middle_of_writes_loses_no_acknowledged_one_and_halves_none(own_server):
    created(own_server)
    acknowledged, enough = [], Event()

    with ThreadPoolExecutor() as pool:
        writer = pool.submit(upsert_until_it_dies, own_server, acknowledged, enough)
        assert enough.wait(timeout=60)
        own_server.kill()
        writer.result(timeout=60)
    own_server.start()

    found = [item.id for page in opened(own_server).list() for item in page.vectors]
    batches = {int(record_id.split("-")[0]) for record_id in found}
    assert batches >= set(acknowledged)
    assert len(found) == 3 * len(batches)


def test_a_second_server_on_the_same_data_is_refused(server):
    second = launch(server.directory, stderr=subprocess.PIPE)

    try:
        _, complaint = second.communicate(timeout=60)
    finally:
        second.kill()

    assert second.returncode == 1
    assert str(server.directory) in complaint


def test_many_clients_write_and_read_together(index):
    def write(worker):
        for number in range(20):
            index.upsert(vectors=[(f"{worker}-{number}", [1, worker, number, 0])])
            index.delete(ids=[f"{worker}-{number - 1}"] if number % 2 else ["absent"])

    def read(_):
        for _ in range(20):
            scores = [match.score for match in index.query(vector=[1, 1, 1, 1], top_k=100).matches]
            assert scores == sorted(scores, reverse=True)

    with ThreadPoolExecutor(max_workers=8) as pool:
        jobs = [pool.submit(job, worker) for worker in range(4) for job in (write, read)]
        for job in jobs:
            job.result(timeout=60)

    kept = {f"{worker}-{number}" for worker in range(4) for number in range(1, 20, 2)}
    assert set(index.fetch(ids=sorted(kept)).vectors) == kept
    assert index.describe_index_stats().total_vector_count == len(kept)


def test_a_query_does_not_wait_for_a_write_that_is_being_committed(tmp_path):
    app = create_app(tmp_path)
    body = {"dimension": 4, "metric": "cosine", "name": "kept", "spec": SPEC}
    with TestClient(app, headers={"Api-Key": "any"}) as client:
        client.post("/indexes", json=body, headers={"X-Pinecone-Api-Version": "2025-10"})
        client.post("/data/kept/vectors/upsert", json={"vectors": [{"id": "a", "values": [1] * 4}]})

        with app.state.store.lock:
            found = client.post("/data/kept/query", json={"id": "a", "topK": 1}).json()["matches"]

    assert [match["id"] for match in found] == ["a"]
