"""What was deleted can be seen and restored, against S3 as moto knows it."""

import time
from dataclasses import replace

import pytest

from image_search import trash as library
from image_search.indexing import Indexer
from image_search.thumbnails import trashed_thumbnail_key
from image_search.trash import DAYS, Trash
from image_search.versions import Versions
from tests.unit.fakes import FakeVectorIndex
from tests.unit.images import flat


@pytest.fixture
def images(new_bucket):
    return new_bucket("images")


@pytest.fixture
def thumbnails(new_bucket):
    return new_bucket("thumbnails")


@pytest.fixture
def trash(images, thumbnails):
    return Trash(Versions(images), thumbnails)


def delete(bucket, *keys):
    for key in keys:
        bucket.write(key, key.encode(), "image/png")
        bucket.delete_key(key)


def keys(trash, prefix="", limit=2):
    """All pages of the trash."""
    found, cursor = trash.page(prefix, "", limit)
    while cursor:
        page, cursor = trash.page(prefix, cursor, limit)
        found += page
    return [image.version.key for image in found]


def test_deleted_images_are_in_the_trash_and_present_ones_are_not(trash, images):
    images.write("present", b"1", "image/png")
    delete(images, "ü b+c.jpg", "a/b.jpg")

    assert keys(trash) == ["a/b.jpg", "ü b+c.jpg"]
    assert keys(trash, prefix="a/") == ["a/b.jpg"]


def test_the_last_version_before_the_deletion_is_the_one_to_restore(trash, images, s3_client):
    images.write("a", b"one", "image/png")
    delete(images, "a")  # a second version
    images.delete_key("a")  # a second delete marker

    (image,), _ = trash.page("", "", 10)

    assert image.version.size == 1
    assert image.deleted_at == pytest.approx(time.time(), abs=60)
    assert trash.restore([("a", image.version.version_id)]) == [None]
    assert images.read_key("a") == b"a"
    assert s3_client.head_object(Bucket="images", Key="a")["ContentType"] == "image/png"
    assert keys(trash) == []


@pytest.mark.parametrize(
    ("limit", "page_size", "requests"),
    [(1, 1, 1), (1, 2, 20), (2, 1, 20), (2, 3, 1), (3, 2, 1), (100, 3, 20), (100, 1000, 20)],
)
def test_pages_have_every_deleted_image_once(
    limit, page_size, requests, trash, images, s3_client, monkeypatch
):
    monkeypatch.setattr(library, "_REQUESTS", requests)
    deleted = ["b", "c", "e/f", "z"]
    delete(images, *deleted)
    images.delete_key("c")
    for key in ("a", "d", "y"):
        images.write(key, b"1", "image/png")
        images.write(key, b"2", "image/png")
    listing = s3_client.list_object_versions
    monkeypatch.setattr(
        s3_client, "list_object_versions", lambda **asked: listing(**asked, MaxKeys=page_size)
    )

    assert keys(trash, limit=limit) == deleted


def test_an_image_whose_retention_has_ended_is_not_shown(trash, images):
    delete(images, "a")
    (image,), _ = trash.page("", "", 1)
    end = image.deleted_at + DAYS * 86_400

    assert keys(replace(trash, clock=lambda: end)) == ["a"]
    assert keys(replace(trash, clock=lambda: end + 1)) == []


def test_folder_markers_of_clients_are_not_in_the_trash(trash, images):
    delete(images, "folder/")

    assert keys(trash) == []


def test_an_image_whose_key_is_taken_is_not_replaced(trash, images):
    delete(images, "a")
    (image,), _ = trash.page("", "", 10)
    images.write("a", b"new", "image/png")

    assert trash.restore([("a", image.version.version_id)]) == ["exists"]
    assert images.read_key("a") == b"new"


def test_the_copy_itself_refuses_a_key_that_is_taken_meanwhile(trash, images, monkeypatch):
    delete(images, "a")
    (image,), _ = trash.page("", "", 10)
    sent = {}
    monkeypatch.setattr(images.client, "copy_object", lambda **asked: sent.update(asked))

    trash.restore([("a", image.version.version_id)])

    assert sent["IfNoneMatch"] == "*"


@pytest.mark.parametrize("version", ["never", "x" * 1000])
def test_a_version_that_never_was_is_not_found(version, trash, images):
    delete(images, "a")

    assert trash.restore([("a", version), ("b", version)]) == ["not-found", "not-found"]


@pytest.mark.parametrize("status", ["Suspended", None])
def test_a_bucket_that_keeps_no_versions_has_no_trash(status, trash, images, s3_client):
    assert trash.is_available()
    if status:
        s3_client.put_bucket_versioning(Bucket="images", VersioningConfiguration={"Status": status})
    else:
        s3_client.delete_bucket(Bucket="images")
        s3_client.create_bucket(
            Bucket="images", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )

    assert not trash.is_available()


def test_the_thumbnail_of_a_deleted_image_moves_to_the_trash(
    trash, images, thumbnails, image_encoder
):
    indexer = Indexer(images, thumbnails, FakeVectorIndex(), image_encoder)
    images.write("a", flat(), "image/png")
    images.write("text", b"text", "image/png")
    indexer.reconcile(["a", "text"])
    for key in ("a", "text"):
        images.delete_key(key)
    indexer.reconcile(["a", "text"])
    indexer.reconcile(["a", "text"])  # the same events again

    found = {image.version.key: image.has_thumbnail for image in trash.page("", "", 10)[0]}
    names = [info.key for info in thumbnails.page("", "", 10)[0]]
    assert found == {"a": True, "text": False}
    assert names == [trashed_thumbnail_key("a")]


def test_the_thumbnail_of_an_older_image_of_the_key_is_not_shown(
    trash, images, thumbnails, image_encoder
):
    indexer = Indexer(images, thumbnails, FakeVectorIndex(), image_encoder)
    images.write("a", flat(), "image/png")
    indexer.reconcile(["a"])
    images.delete_key("a")
    indexer.reconcile(["a"])
    delete(images, "a")

    (image,), _ = trash.page("", "", 10)

    assert not image.has_thumbnail
