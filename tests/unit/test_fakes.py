"""The fakes answer as the real adapters do."""

import inspect
from dataclasses import replace

import pytest

from image_search.errors import ObjectChangedError
from image_search.records import record_id
from image_search.s3 import Bucket
from image_search.s3_objects import Source
from tests.unit.fakes import FakeBucket, FakeVectorIndex
from tests.unit.records import record


def public_methods(kind):
    return {
        name: inspect.signature(method)
        for name, method in vars(kind).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }


def test_the_fake_bucket_replaces_every_method():
    signing = {"signed_url", "signed_put"}  # which sends no request
    wanted = {name: it for name, it in public_methods(Bucket).items() if name not in signing}

    assert wanted.items() <= public_methods(FakeBucket).items()


@pytest.fixture(params=["fake", "real"])
def bucket(request):
    if request.param == "fake":
        return FakeBucket()
    return request.getfixturevalue("new_bucket")("images")


@pytest.fixture(params=["fake", "real"])
def index(request):
    if request.param == "fake":
        return FakeVectorIndex()
    return request.getfixturevalue("vectors")


def test_indexes_agree_on_a_namespace_that_is_dropped(index):
    index.drop()
    index.upsert([record(key="a"), record(key="b")])

    index.drop()

    assert index.fetch(["a", "b"]) == {}
    assert index.count() == 0


def test_buckets_agree_on_an_object_that_comes_changes_and_goes(bucket):
    assert (bucket.info("a"), bucket.read_if_present("a")) == (None, None)

    bucket.write("a", b"one", "text/plain")
    first = bucket.info("a")
    assert first.etag == "f97c5d29941bfb1b2fdab0874906ab82"
    assert (first.key, first.size) == ("a", 3)
    assert bucket.read(first) == bucket.read_key("a") == bucket.read_if_present("a") == b"one"

    bucket.write("a", b"two", "text/plain")
    assert bucket.info("a").etag != first.etag
    with pytest.raises(ObjectChangedError):
        bucket.read(first)

    bucket.delete(["a", "never was"])
    assert bucket.info("a") is None
    with pytest.raises(ObjectChangedError):
        bucket.read(first)


def test_buckets_agree_on_pages(bucket):
    for key in ("b/2", "a", "b/1", "b/3", "c"):
        bucket.write(key, b"", "text/plain")

    page, cursor = bucket.page("b/", "", 2)
    last, end = bucket.page("b/", cursor, 2)

    assert [info.key for info in page + last] == ["b/1", "b/2", "b/3"]
    assert end == ""
    assert page[0] == replace(bucket.info("b/1"), uploaded_at=page[0].uploaded_at)
    assert bucket.page("z", "", 2) == ([], "")


def test_buckets_agree_on_the_source_of_an_object(bucket):
    source = Source("ü/" + "日" * 340, "e1")
    bucket.write("a", b"one", "image/webp", source)
    bucket.write("b", b"one", "image/webp")

    assert [bucket.source(key) for key in ("a", "b", "gone")] == [source, None, None]

    bucket.write("a", b"two", "image/webp")
    assert bucket.source("a") is None


def test_indexes_agree_on_pages(index):
    assert index.page("", "", 2) == ([], "")
    index.upsert([record(key=key) for key in "abcde"])

    for digit in "0123456789abcdef":
        ids = [record_id(it.key) for it in index.page(digit, "", 10)[0]]
        assert sorted(ids) == sorted(i for i in map(record_id, "abcde") if i[0] == digit)

    pages, cursor = [], ""
    while not pages or cursor:
        page, cursor = index.page("", cursor, 2)
        pages.append([metadata.key for metadata in page])

    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(key for page in pages for key in page) == list("abcde")


def test_indexes_agree_on_records(index):
    assert (index.count(), index.fetch(["a"]), index.near_key("a", 3)) == (0, {}, [])
    assert index.near_vector(record().vector, 3) == []
    index.delete(["a"])

    a, b = record(0, key="a"), record(1, key="b")
    index.upsert([a, b])
    index.upsert([replaced := record(0, key="a", etag="e2")])
    assert index.fetch(["a", "b", "c"]) == {"a": replaced.metadata, "b": b.metadata}
    ids = [record_id(key) for key in "abc"]
    assert index.fetch_ids(ids) == {ids[0]: replaced.metadata, ids[1]: b.metadata}
    assert index.fetch_ids([]) == {}
    assert index.count() == 2

    by_key, by_vector = index.near_key("a", 2), index.near_vector(a.vector, 2)
    assert [match.metadata for match in by_key] == [replaced.metadata, b.metadata]
    assert [match.metadata for match in by_vector] == [replaced.metadata, b.metadata]
    assert [match.score for match in by_key] == pytest.approx([1, 0], abs=1e-6)
    assert len(index.near_vector(a.vector, 1)) == 1

    index.delete(["a", "never was"])
    assert list(index.fetch(["a", "b"])) == ["b"]


def test_indexes_agree_on_the_matches_that_bring_their_vectors(index):
    index.upsert([record(1, key="a"), record(2, key="b")])
    vector = record(1).vector

    def brought(matches):
        return [match.vector is not None for match in matches]

    assert brought(index.near_key("a", 2)) == [False, False]
    assert brought(index.near_vector(vector, 2)) == [False, False]
    assert brought(index.near_vector(vector, 2, with_vectors=True)) == [True, True]
    assert brought(index.matches(index.rank(vector, 1))) == [True]
