import pytest
from pinecone import ConflictError, NotFoundError

RECORD = ("a", [1, 0, 0, 0], {"n": 1})


def names(index, **options):
    return [n.name for page in index.list_namespaces(**options) for n in page.namespaces]


def test_namespaces_do_not_see_each_other(index):
    index.upsert(vectors=[RECORD], namespace="one")

    assert index.fetch(ids=["a"], namespace="two").vectors == {}
    assert index.query(vector=RECORD[1], top_k=1, namespace="two").matches == []
    assert list(index.fetch(ids=["a"], namespace="one").vectors) == ["a"]


@pytest.mark.parametrize(("written", "read"), [("", "__default__"), ("__default__", "")])
def test_the_default_namespace_has_two_names(index, written, read):
    index.upsert(vectors=[RECORD], namespace=written)

    assert list(index.fetch(ids=["a"], namespace=read).vectors) == ["a"]
    assert index.query(id="a", top_k=1, namespace=read).namespace == ""


def test_statistics_count_the_records_of_each_namespace(index):
    index.upsert(vectors=[RECORD, ("b", [0, 1, 0, 0])], namespace="two")
    index.upsert(vectors=[RECORD])

    stats = index.describe_index_stats()

    counts = {name: summary.vector_count for name, summary in stats.namespaces.items()}
    assert counts == {"two": 2, "__default__": 1}
    assert (stats.total_vector_count, stats.dimension, stats.metric) == (3, 4, "cosine")


def test_the_default_namespace_exists_before_it_has_records(index):
    assert index.describe_namespace(name="__default__").record_count == 0
    index.delete(ids=["a"])


def test_a_namespace_is_created_once(index):
    assert index.create_namespace(name="new").record_count == 0

    with pytest.raises(ConflictError):
        index.create_namespace(name="new")


def test_a_deleted_namespace_is_gone_with_its_records(index):
    index.upsert(vectors=[RECORD], namespace="gone")

    index.delete_namespace(name="gone")

    assert names(index) == []
    assert index.fetch(ids=["a"], namespace="gone").vectors == {}
    with pytest.raises(NotFoundError):
        index.describe_namespace(name="gone")
    with pytest.raises(NotFoundError):
        index.delete_namespace(name="gone")


def test_namespaces_are_listed_by_prefix_in_pages(index):
    for name in ("x1", "x2", "x3", "y"):
        index.upsert(vectors=[RECORD], namespace=name)

    first = index.list_namespaces_paginated(prefix="x", limit=2)

    assert (len(first.namespaces), first.total_count) == (2, 3)
    assert names(index, prefix="x", limit=2) == ["x1", "x2", "x3"]


def test_a_namespace_may_have_slashes_and_spaces_in_its_name(index):
    index.upsert(vectors=[RECORD], namespace="a/b c?d")

    assert index.describe_namespace(name="a/b c?d").record_count == 1
