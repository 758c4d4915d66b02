"""The Pinecone adapter against the local index, and against servers that fail."""

import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pinecone._internal import http_client
from pinecone._internal.adapters import vectors_adapter

from image_search import pinecone_index as adapter
from image_search.errors import (
    VectorIndexBusyError,
    VectorIndexError,
    VectorIndexRefusedError,
    VectorIndexTimeoutError,
)
from image_search.pinecone_index import VectorIndex, namespace
from image_search.records import Record, record_id, stored_metadata
from tests.unit.records import metadata, record
from tests.unit.servers import serving


@pytest.mark.parametrize("taken_at", [1614834367, -86400, None])
def test_metadata_come_back_with_their_types(taken_at, vectors):
    stored = record(key="a.jpg", size=2**40, taken_at=taken_at)

    vectors.upsert([stored])

    (match,) = vectors.near_key("a.jpg", 1)
    for got in (vectors.fetch(["a.jpg"])["a.jpg"], match.metadata):
        assert got == stored.metadata
        for field in fields(got):
            assert type(getattr(got, field.name)) is type(getattr(stored.metadata, field.name))


def test_a_record_from_before_schema_versions_is_read_and_found(vectors, monkeypatch):
    stored = stored_metadata
    old = {name: value for name, value in stored(metadata()).items() if name != "schema_version"}
    with monkeypatch.context() as earlier:
        earlier.setattr(adapter, "stored_metadata", lambda metadata: old)
        vectors.upsert([record()])

    (match,) = vectors.near_vector(record().vector, 1)

    for got in (match.metadata, vectors.fetch(["a.jpg"])["a.jpg"]):
        assert got == metadata(schema_version=0)


@pytest.mark.parametrize("key", ["ü/日本 語+%.jpg", "🏔.png", "a" * 1024, "'\"\\,;"])
def test_any_key_can_be_stored_found_and_deleted(key, vectors):
    vectors.upsert([record(key=key)])

    assert list(vectors.fetch([key])) == [key]
    assert [match.metadata.key for match in vectors.near_key(key, 1)] == [key]
    vectors.delete([key])
    assert vectors.fetch([key]) == {}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_record_s_id_is_32_hex_digits_whatever_the_key(key):
    assert set(record_id(key)) <= set("0123456789abcdef")
    assert len(record_id(key)) == 32
    assert record_id(key) == record_id(key) != record_id(key + "x")


def test_ids_stay_the_same_between_versions():
    assert record_id("a.jpg") == "cde2f4fce9daad975ab1202fd69b5951"


def test_more_records_than_one_request_names_are_fetched(vectors, monkeypatch):
    monkeypatch.setattr(adapter, "_FETCH_IDS", 2)
    vectors.upsert([record(key=key) for key in "abcde"])

    assert sorted(vectors.fetch(["a", "b", "c", "d", "e", "missing"])) == list("abcde")


def test_a_sample_is_the_first_records_by_id_with_their_vectors(vectors, monkeypatch):
    monkeypatch.setattr(adapter, "_FETCH_IDS", 2)  # so that three pages make the sample
    stored = [record(number, key=f"{number}.jpg") for number in range(9)]
    vectors.upsert(stored)

    sample = vectors.sample(5)

    first = sorted(stored, key=lambda record: record_id(record.metadata.key))[:5]
    assert [found.metadata for found in sample] == [record.metadata for record in first]
    for found, record_ in zip(sample, first, strict=True):
        np.testing.assert_allclose(found.vector, record_.vector)


def test_a_sample_larger_than_the_namespace_is_all_of_it(vectors):
    assert vectors.sample(10) == []
    vectors.upsert([record(key=key) for key in "abc"])

    assert {found.metadata.key for found in vectors.sample(10)} == {"a", "b", "c"}


@pytest.mark.parametrize("bundle", ["ü", "x" * 512])
def test_a_namespace_that_pinecone_would_refuse_is_refused_with_the_remedy(bundle):
    with pytest.raises(ValueError, match="choose a shorter name in ASCII"):
        namespace("photos", bundle)


def test_no_two_buckets_and_bundles_have_one_namespace():
    pairs = [("a", "b_c"), ("a-b", "c"), ("a.b", "c"), ("a", "b.c")]

    assert len({namespace(*pair) for pair in pairs}) == len(pairs)


def test_namespaces_do_not_see_each_other(index_server, vectors):
    other = VectorIndex(f"{index_server.url}/data/unit", lambda: "any", "another")

    vectors.upsert([record(key="a")])

    assert (vectors.count(), other.count(), other.fetch(["a"])) == (1, 0, {})


def test_threads_that_begin_together_share_one_connection(index_server, monkeypatch):
    made, together = [], Barrier(8, timeout=60)

    class Connection(adapter.Index):
        def __init__(self, **given):
            made.append(given)
            super().__init__(**given)

    def api_key():
        together.wait()
        return "any"

    monkeypatch.setattr(adapter, "Index", Connection)
    vectors = VectorIndex(f"{index_server.url}/data/unit", api_key, "together")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(vectors.fetch, [["a"]] * 8)) == [{}] * 8

    assert len(made) == 1


OPERATIONS = {
    "upsert": lambda index: index.upsert([record()]),
    "delete": lambda index: index.delete(["a"]),
    "fetch": lambda index: index.fetch(["a"]),
    "near_vector": lambda index: index.near_vector(record().vector, 1),
    "near_key": lambda index: index.near_key("a", 1),
    "count": lambda index: index.count(),
    "page": lambda index: index.page("", "", 10),
    "fetch_ids": lambda index: index.fetch_ids(["a"]),
    "rank": lambda index: index.rank(record().vector, 1),
    "sample": lambda index: index.sample(1),
}
every_operation = pytest.mark.parametrize("call", OPERATIONS.values(), ids=OPERATIONS)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """The SDK's own seam for tests of its retries."""
    monkeypatch.setattr(http_client, "_retry_sleep", lambda _: None)


@every_operation
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, VectorIndexBusyError),
        (503, VectorIndexError),
        (401, VectorIndexError),
        (400, VectorIndexRefusedError),
    ],
)
def test_an_error_response_of_the_index_is_translated(call, status, error):
    with serving() as index:
        index.status = status
        index.body = b'{"error": {"code": "X", "message": "by the index"}}'

        with pytest.raises(error, match="by the index") as caught:
            call(VectorIndex(index.url, lambda: "any", "n"))

    assert type(caught.value) is error


@every_operation
def test_an_index_that_is_not_there_is_translated(call):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        index = VectorIndex(f"http://127.0.0.1:{nobody.getsockname()[1]}", lambda: "any", "n")

        with pytest.raises(VectorIndexError) as caught:
            call(index)

    assert type(caught.value) is VectorIndexError


@every_operation
def test_an_index_that_does_not_answer_in_time_is_translated(call, monkeypatch):
    monkeypatch.setattr(adapter, "_TIMEOUT_SECONDS", 0.02)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = VectorIndex(f"http://127.0.0.1:{silent.getsockname()[1]}", lambda: "any", "n")

        with pytest.raises(VectorIndexTimeoutError):
            call(index)


@every_operation
def test_the_types_of_responses_are_prepared_before_threads_meet_them(call, vectors, monkeypatch):
    decode, decoded = vectors_adapter.decode_response, []
    monkeypatch.setattr(
        vectors_adapter,
        "decode_response",
        lambda data, type: (decoded.append(type), decode(data, type))[1],
    )
    vectors.upsert([record()])

    call(vectors)

    assert set(decoded) <= set(adapter._RESPONSES)
    assert decoded


def test_nothing_stored_is_null():
    assert "taken_at" not in stored_metadata(metadata(taken_at=None))
    assert stored_metadata(metadata(taken_at=0))["taken_at"] == 0


def test_colours_come_back_in_their_order_and_none_are_left_out(vectors):
    stored = metadata(colors=("red", "blue"))
    vectors.upsert([Record(record().vector, stored)])

    assert vectors.fetch([stored.key]) == {stored.key: stored}
    assert "colors" not in stored_metadata(metadata(colors=()))


def test_records_come_back_with_their_vectors(vectors):
    stored = [record(0, key="a"), record(1, key="b")]
    vectors.upsert(stored)

    found = vectors.fetch_records(["a", "b", "missing"])

    assert found.keys() == {"a", "b"}
    assert found["a"].metadata == stored[0].metadata
    assert np.array_equal(found["b"].vector, stored[1].vector)
    assert found["b"].vector.dtype == np.float32


def ranked(vectors, count):
    """Store records in a known order of likeness to the first axis, which is returned."""
    angles = np.linspace(0, 1, count)
    axes = np.eye(48, dtype=np.float32)
    vectors.upsert(
        [
            Record(np.cos(angle) * axes[0] + np.sin(angle) * axes[1], metadata(key=str(n)))
            for n, angle in enumerate(angles)
        ]
    )
    return axes[0]


def test_ranked_matches_equal_those_of_a_query(vectors):
    query = ranked(vectors, 130)

    whole = vectors.near_vector(query, 130, with_vectors=True)
    found = vectors.matches(vectors.rank(query, 120))

    assert [match.metadata for match in found] == [match.metadata for match in whole[:120]]
    assert [match.ranked for match in found] == [match.ranked for match in whole[:120]]
    assert np.array_equal(found[5].vector, whole[5].vector)


def test_a_ranked_record_that_was_deleted_is_left_out(vectors):
    order = vectors.rank(ranked(vectors, 3), 3)
    vectors.delete(["1"])

    assert [match.metadata.key for match in vectors.matches(order)] == ["0", "2"]
