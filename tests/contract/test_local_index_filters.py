import operator

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pinecone import ApiError

from local.vector_index.columns import Columns
from local.vector_index.filters import compile_filter
from local.vector_index.matrix import Matrix, Record

RECORDS = {
    "drama": {"genre": "drama", "year": 2020, "ok": True, "tags": ["x", "y"]},
    "comedy": {"genre": "comedy", "year": 1999.5, "ok": False, "tags": ["y"]},
    "bare": {"one": 1},
}


@pytest.mark.parametrize(
    ("given_filter", "expected"),
    [
        ({"genre": "drama"}, {"drama"}),
        ({"genre": {"$eq": "drama"}}, {"drama"}),
        ({"genre": {"$ne": "drama"}}, {"comedy", "bare"}),
        ({"year": 2020}, {"drama"}),
        ({"year": {"$gt": 1999.5}}, {"drama"}),
        ({"year": {"$gte": 1999.5}}, {"drama", "comedy"}),
        ({"year": {"$lt": 2020}}, {"comedy"}),
        ({"year": {"$lte": 2020}}, {"drama", "comedy"}),
        ({"year": {"$gt": 1999, "$lt": 2000}}, {"comedy"}),
        ({"genre": {"$gt": 1}}, set()),
        ({"genre": {"$in": ["drama", "news"]}}, {"drama"}),
        ({"year": {"$in": [2020, 1999.5]}}, {"drama", "comedy"}),
        ({"genre": {"$in": []}}, set()),
        ({"genre": {"$nin": ["drama", "news"]}}, {"comedy", "bare"}),
        ({"ok": True}, {"drama"}),
        ({"ok": False}, {"comedy"}),
        ({"ok": 1}, set()),
        ({"one": True}, set()),
        ({"tags": "x"}, {"drama"}),
        ({"tags": {"$ne": "x"}}, {"comedy", "bare"}),
        ({"tags": {"$in": ["x", "y"]}}, {"drama", "comedy"}),
        ({"tags": {"$nin": ["x"]}}, {"comedy", "bare"}),
        ({"genre": {"$exists": True}}, {"drama", "comedy"}),
        ({"genre": {"$exists": False}}, {"bare"}),
        ({"genre": "drama", "year": 1999.5}, set()),
        ({"$and": [{"genre": "drama"}, {"year": {"$gte": 2000}}]}, {"drama"}),
        ({"$or": [{"genre": "drama"}, {"one": 1}]}, {"drama", "bare"}),
        ({"$or": [{"$and": [{"ok": True}, {"year": 2020}]}, {"one": 1}]}, {"drama", "bare"}),
        ({"$or": [{"ok": True}, {"ok": False}], "year": {"$lt": 2000}}, {"comedy"}),
        ({}, set(RECORDS)),
    ],
)
def test_a_filter_keeps_the_records_it_describes(index, given_filter, expected):
    index.upsert(vectors=[(name, [1, 0, 0, 0], fields) for name, fields in RECORDS.items()])

    matches = index.query(vector=[1, 0, 0, 0], top_k=10, filter=given_filter).matches

    assert {match.id for match in matches} == expected


@pytest.mark.parametrize(
    "malformed",
    [
        {"$not": {"genre": "drama"}},
        {"genre": {"$like": "d"}},
        {"genre": {"eq": "drama"}},
        {"genre": {}},
        {"genre": None},
        {"genre": ["drama"]},
        {"genre": {"$eq": None}},
        {"genre": {"$eq": ["drama"]}},
        {"genre": {"$in": "drama"}},
        {"genre": {"$in": [True]}},
        {"genre": {"$nin": [["drama"]]}},
        {"genre": {"$in": ["x"] * 10_001}},
        {"year": {"$gt": "2020"}},
        {"year": {"$lte": True}},
        {"year": {"$gt": 10**400}},
        {"genre": {"$exists": 1}},
        {"$and": []},
        {"$and": [{}]},
        {"$or": {"genre": "drama"}},
        {"$or": ["drama"]},
    ],
    ids=lambda malformed: str(malformed)[:40],
)
def test_a_malformed_filter_is_refused(records_http, malformed):
    body = {"vector": [1, 0, 0, 0], "topK": 1, "filter": malformed}

    answer = records_http.post("/query", json=body)

    assert answer.status_code == 400
    assert answer.json()["code"] == 3


def test_a_delete_by_a_malformed_filter_deletes_nothing(index):
    index.upsert(vectors=[("a", [1, 0, 0, 0], {"n": 1})])

    with pytest.raises(ApiError, match="not a valid operator"):
        index.delete(filter={"n": {"$like": 1}})

    assert list(index.fetch(ids=["a"]).vectors) == ["a"]


names = st.sampled_from(["a", "b"])
numbers = st.integers(-2, 2)
strings = st.sampled_from(["x", "y"])
values = numbers.map(float) | strings | st.booleans() | st.lists(strings, max_size=2)
conditions = st.one_of(
    st.tuples(st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), numbers),
    st.tuples(st.sampled_from(["$eq", "$ne"]), numbers | strings | st.booleans()),
    st.tuples(st.sampled_from(["$in", "$nin"]), st.lists(numbers | strings, max_size=3)),
    st.tuples(st.just("$exists"), st.booleans()),
)
fields = st.builds(lambda name, condition: {name: dict([condition])}, names, conditions)
filters = st.recursive(
    fields,
    lambda inner: st.builds(
        lambda name, parts: {name: parts},
        st.sampled_from(["$and", "$or"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


def same(one, other):
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def oracle(wanted, record):
    """The same language, read slowly and plainly."""
    ((name, rest),) = wanted.items()
    if name in ("$and", "$or"):
        return (all if name == "$and" else any)([oracle(part, record) for part in rest])
    ((condition, operand),) = rest.items()
    if condition == "$exists":
        return (name in record) == operand
    if condition in ("$gt", "$gte", "$lt", "$lte"):
        compare = {"$gt": "gt", "$gte": "ge", "$lt": "lt", "$lte": "le"}[condition]
        stored = record.get(name)
        return isinstance(stored, float) and getattr(operator, compare)(stored, operand)
    stored = record.get(name, [])
    held = stored if isinstance(stored, list) else [stored]
    accepted = operand if condition in ("$in", "$nin") else [operand]
    found = any(same(one, other) for one in held for other in accepted)
    return found == (condition in ("$eq", "$in"))


@settings(deadline=None)
@given(filters, st.dictionaries(names, values))
def test_a_compiled_filter_agrees_with_the_reference(wanted, record):
    accept = compile_filter(wanted)

    assert accept is not None
    assert accept(Columns([orjson.dumps(record)])).tolist() == [oracle(wanted, record)]


changes = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.none() | st.dictionaries(names, values)), max_size=30
)


@settings(deadline=None)
@given(changes, st.lists(filters, min_size=1, max_size=3))
def test_after_any_changes_a_filter_agrees_with_the_reference(changed, wanted):
    matrix, plain = Matrix(dimension=1), {}
    for record_id, metadata in changed:
        if metadata is None:
            matrix.remove([record_id])
            plain.pop(record_id, None)
        else:
            matrix.put([Record(record_id, np.ones(1, np.float32), orjson.dumps(metadata))])
            plain[record_id] = metadata
        for condition in wanted:
            accept = compile_filter(condition)
            found = [record.id for record in matrix.matching(accept)]
            assert found == sorted(i for i, kept in plain.items() if oracle(condition, kept))


def test_values_that_no_record_has_any_more_take_no_memory():
    matrix, accept = Matrix(dimension=1), compile_filter({"n": {"$gte": 9999}})
    for number in range(10_000):
        matrix.put([Record("a", np.ones(1, np.float32), orjson.dumps({"n": number}))])
        found = matrix.matching(accept)

    assert [record.id for record in found] == ["a"]
    assert len(matrix._columns._columns["n"]) < 2000
