import numpy as np
import pytest
from pinecone import NotFoundError

UNIT = {"a": [1, 0, 0, 0], "b": [0, 1, 0, 0], "c": [0, 0, 1, 0]}


def vectors(**metadata):
    """The unit vectors a, b and c, each with its metadata, if any."""
    return [{"id": i, "values": v, "metadata": metadata.get(i, {})} for i, v in UNIT.items()]


def ids(matches):
    return [match.id for match in matches]


def test_an_upserted_record_is_fetched_as_it_was_sent(index):
    metadata = {"key": "é.jpg", "width": 640, "ok": True, "tags": ["x", "y"]}

    answer = index.upsert(vectors=[("a", [0.1, -0.2, 0.3, 0.4], metadata)])

    record = index.fetch(ids=["a"]).vectors["a"]
    assert answer.upserted_count == 1
    assert record.values == [0.1, -0.2, 0.3, 0.4]
    assert record.metadata == metadata


def test_a_number_in_metadata_comes_back_as_a_float(index):
    index.upsert(vectors=[("a", UNIT["a"], {"width": 640})])

    width = index.fetch(ids=["a"]).vectors["a"].metadata["width"]

    assert isinstance(width, float)


def test_an_upsert_replaces_the_whole_record(index):
    index.upsert(vectors=vectors(a={"old": 1}))

    index.upsert(vectors=[("a", [0, 0, 0, 2], {"new": 2})])

    record = index.fetch(ids=["a"]).vectors["a"]
    assert (record.values, record.metadata) == ([0, 0, 0, 2], {"new": 2})
    assert index.describe_index_stats().total_vector_count == 3


def test_an_absent_id_is_left_out_of_a_fetch(index):
    index.upsert(vectors=vectors())

    assert set(index.fetch(ids=["a", "absent"]).vectors) == {"a"}


def reference(metric, matrix, query):
    """Scores in double precision, and whether the highest is the best."""
    if metric == "euclidean":
        return ((matrix - query) ** 2).sum(axis=1), False
    if metric == "dotproduct":
        return matrix @ query, True
    norms = np.linalg.norm(matrix, axis=1) * np.linalg.norm(query)
    return matrix @ query / norms, True


@pytest.mark.parametrize("metric", ["cosine", "dotproduct", "euclidean"])
def test_matches_are_the_best_ones_by_the_metric(new_index, metric):
    index = new_index(metric=metric, dimension=16)
    random = np.random.default_rng(7)
    matrix, query = random.normal(size=(200, 16)), random.normal(size=16)
    index.upsert(vectors=[(str(row), values.tolist()) for row, values in enumerate(matrix)])

    matches = index.query(vector=query.tolist(), top_k=10).matches

    scores, highest_is_best = reference(metric, matrix, query)
    best = np.argsort(-scores if highest_is_best else scores)[:10]
    assert ids(matches) == [str(row) for row in best]
    assert [m.score for m in matches] == pytest.approx(scores[best].tolist(), rel=1e-4)


def test_a_query_by_id_uses_the_stored_vector(index):
    index.upsert(vectors=vectors())

    assert index.query(id="b", top_k=1).matches[0].id == "b"
    assert index.query(id="absent", top_k=1).matches == []


def test_values_and_metadata_come_only_when_asked_for(index):
    index.upsert(vectors=vectors(a={"n": 1}))

    bare = index.query(id="a", top_k=1).matches[0]
    full = index.query(id="a", top_k=1, include_values=True, include_metadata=True).matches[0]

    assert (bare.values, bare.metadata) == ([], None)
    assert (full.values, full.metadata) == (UNIT["a"], {"n": 1})


def test_a_filter_never_costs_matches(index):
    index.upsert(vectors=[(f"near{n}", [1, 0, 0, 0.01 * n]) for n in range(20)])
    index.upsert(vectors=[("far", [0, 0, 0, 1], {"wanted": True})])

    matches = index.query(vector=UNIT["a"], top_k=1, filter={"wanted": True}).matches

    assert ids(matches) == ["far"]


def test_records_are_fetched_by_metadata_in_pages(index):
    index.upsert(vectors=[(f"{n:02}", [1, 0, 0, n], {"n": n}) for n in range(10)])

    first = index.fetch_by_metadata(filter={"n": {"$gte": 5}}, limit=3)
    second = index.fetch_by_metadata(
        filter={"n": {"$gte": 5}}, limit=3, pagination_token=first.pagination.next
    )

    assert list(first.vectors) == ["05", "06", "07"]
    assert list(second.vectors) == ["08", "09"]
    assert second.pagination is None


def test_an_update_changes_what_it_names_and_keeps_the_rest(index):
    index.upsert(vectors=vectors(a={"kept": 1, "changed": 1}))

    index.update(id="a", set_metadata={"changed": 2})
    index.update(id="a", values=[0, 0, 0, 1])

    record = index.fetch(ids=["a"]).vectors["a"]
    assert (record.values, record.metadata) == ([0, 0, 0, 1], {"kept": 1, "changed": 2})
    assert index.query(vector=[0, 0, 0, 1], top_k=1).matches[0].id == "a"


def test_an_update_of_an_absent_record_makes_none(index):
    index.update(id="absent", set_metadata={"n": 1}, namespace="new")

    assert index.describe_index_stats().namespaces == {}


def test_an_update_by_filter_returns_the_number_of_changed_records(index):
    index.upsert(vectors=vectors(a={"n": 1}, b={"n": 2}))

    dry = index.update(filter={"n": {"$gte": 1}}, set_metadata={"seen": True}, dry_run=True)
    unchanged = index.fetch_by_metadata(filter={"seen": True}).vectors
    wet = index.update(filter={"n": {"$gte": 1}}, set_metadata={"seen": True})

    assert (dry.matched_records, wet.matched_records) == (2, 2)
    assert unchanged == {}
    assert set(index.fetch_by_metadata(filter={"seen": True}).vectors) == {"a", "b"}


@pytest.mark.parametrize("removed", ["a", "b", "c"])
def test_a_deleted_record_is_not_found_and_the_others_are(index, removed):
    index.upsert(vectors=vectors())

    index.delete(ids=[removed, "absent"])

    kept = sorted(set(UNIT) - {removed})
    assert sorted(ids(index.query(vector=[1, 1, 1, 0], top_k=9).matches)) == kept
    assert all(index.query(vector=UNIT[i], top_k=1).matches[0].id == i for i in kept)


def test_records_are_deleted_by_filter(index):
    index.upsert(vectors=vectors(a={"n": 1}, b={"n": 2}, c={"n": 3}))

    index.delete(filter={"n": {"$lte": 2}})

    assert set(index.fetch(ids=list(UNIT)).vectors) == {"c"}


def test_deleting_all_leaves_an_empty_namespace(index):
    index.upsert(vectors=vectors(), namespace="n")

    index.delete(delete_all=True, namespace="n")

    assert index.query(vector=UNIT["a"], top_k=3, namespace="n").matches == []
    assert index.describe_index_stats().namespaces["n"].vector_count == 0


def test_deleting_in_an_unknown_namespace_is_not_found(index):
    with pytest.raises(NotFoundError, match="Namespace not found"):
        index.delete(ids=["a"], namespace="unknown")


def test_ids_are_listed_by_prefix_in_pages(index):
    index.upsert(vectors=[(f"x{n:03}", [1, 0, 0, n]) for n in range(7)] + [("y", UNIT["a"])])

    pages = [[item.id for item in page.vectors] for page in index.list(prefix="x", limit=3)]

    assert pages == [["x000", "x001", "x002"], ["x003", "x004", "x005"], ["x006"]]


def test_a_page_that_is_exactly_full_has_no_next_one(index):
    index.upsert(vectors=vectors())

    assert index.list_paginated(limit=3).pagination is None


def test_a_list_has_what_was_stored_and_deleted_since_the_last_one(index):
    def listed():
        return [item.id for item in index.list_paginated(limit=100).vectors]

    index.upsert(vectors=vectors())
    first = listed()
    index.delete(ids=["b"])
    index.upsert(vectors=[("aa", UNIT["b"])])

    assert (first, listed()) == (["a", "b", "c"], ["a", "aa", "c"])


def test_the_matrix_grows_and_shrinks_without_losing_a_record(index):
    index.upsert(vectors=[(str(n), [1, n, 0, 0]) for n in range(500)])

    index.delete(ids=[str(n) for n in range(0, 500, 2)])
    index.upsert(vectors=[(f"new{n}", [-1, n, 0, 0]) for n in range(100)])

    assert index.describe_index_stats().total_vector_count == 350
    assert index.query(vector=[1, 499, 0, 0], top_k=1).matches[0].id == "499"
    assert index.query(vector=[-1, 7, 0, 0], top_k=1).matches[0].id == "new7"
