"""The S3 adapter against S3 as moto knows it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from image_search import s3, s3_connection, s3_parts
from image_search.errors import ArchivedError, DeleteRefusedError, EncryptedError
from image_search.s3 import Bucket
from image_search.s3_keys import storable
from image_search.s3_objects import ObjectInfo, Source


@pytest.fixture
def bucket(new_bucket):
    return new_bucket("images")


@pytest.fixture
def refusing(monkeypatch):
    """Lets S3 refuse operations with a status and a code."""
    real = BaseClient._make_api_call

    def refuse(**refused):
        def call(self, operation, arguments):
            if operation not in refused:
                return real(self, operation, arguments)
            status, code = refused[operation]
            answer = {"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code}}
            raise ClientError(answer, operation)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    return refuse


def test_an_object_s_state_is_known(bucket, s3_client):
    bucket.write("ü b+c.jpg", b"data", "image/jpeg")

    info = bucket.info("ü b+c.jpg")

    head = s3_client.head_object(Bucket="images", Key="ü b+c.jpg")
    assert (info.key, info.size, f'"{info.etag}"') == ("ü b+c.jpg", 4, head["ETag"])
    assert info.uploaded_at == int(head["LastModified"].timestamp())
    assert head["ContentType"] == "image/jpeg"


@pytest.mark.parametrize("key", ["..", "../a", "a/../../b", "/../a", "a" * 1025, "ü" * 513])
def test_a_key_that_s3_takes_no_request_for_has_no_object(key):
    assert Bucket("never asked", client=None).info(key) is None


@pytest.mark.parametrize("key", ["a/../b", "a/b/../../c", "...", "a/..b", "..a/b", "a" * 1024])
def test_two_dots_after_a_folder_or_in_a_name_are_like_any_other(key):
    assert storable(key)


@pytest.mark.parametrize(
    "call",
    [
        lambda bucket: bucket.info("a"),
        lambda bucket: bucket.read_if_present("a"),
        lambda bucket: bucket.read_key("a"),
        lambda bucket: bucket.write("a", b"", "text/plain"),
    ],
)
def test_other_failures_are_not_taken_for_a_missing_object(call, bucket, refusing):
    denied = (403, "AccessDenied")
    refusing(HeadObject=denied, GetObject=denied, PutObject=denied)

    with pytest.raises(ClientError, match="AccessDenied"):
        call(bucket)


def test_a_large_object_is_read_in_parts(bucket, monkeypatch):
    monkeypatch.setattr(s3_parts, "_PART_BYTES", 5)
    bucket.write("large", bytes(range(11)), "any")

    assert bucket.read_key("large") == bytes(range(11))


def test_an_object_that_is_moved_keeps_its_source(bucket):
    source = Source("ü", "e1")
    bucket.write("a", b"data", "image/webp", source)

    bucket.move("a", "b")
    bucket.move("missing", "b")

    assert (bucket.info("a"), bucket.read_key("b"), bucket.source("b")) == (None, b"data", source)


@pytest.mark.parametrize("key", ["a", "ü/b c", "\x0f\x10", "gone"])
def test_one_object_of_any_key_is_deleted(key, bucket):
    if key != "gone":
        bucket.write(key, b"1", "text/plain")

    bucket.delete_key(key)

    assert bucket.info(key) is None


def test_many_objects_are_deleted_in_as_many_requests_as_needed(bucket, monkeypatch):
    monkeypatch.setattr(s3, "_DELETE_KEYS", 2)
    for key in "abcdef":
        bucket.write(key, b"1", "text/plain")

    bucket.delete(["a", "b", "c", "d", "e", "missing"])

    assert [info.key for info in bucket.page("", "", 10)[0]] == ["f"]
    bucket.delete([])


DIGEST = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="


@pytest.mark.parametrize(
    ("given", "headers"),
    [
        ({}, {"If-None-Match": "*"}),
        ({"replaced": ObjectInfo("a b.png", "e1", 1, 0)}, {"If-Match": '"e1"'}),
        ({"sha256": DIGEST}, {"If-None-Match": "*", "x-amz-checksum-sha256": DIGEST}),
    ],
)
def test_an_upload_is_signed_for_one_key_type_size_state_and_content(given, headers):
    bucket = Bucket("photos", s3_connection.client())

    url, sent = bucket.signed_put("a b.png", "image/png", 7, **given)

    query = parse_qs(urlsplit(url).query)
    assert url.startswith("https://photos.s3.eu-west-1.amazonaws.com/a%20b.png?")
    assert sent == {"Content-Type": "image/png"} | headers
    signed = {"content-length", "host", *map(str.lower, sent)}
    assert set(query["X-Amz-SignedHeaders"][0].split(";")) == signed
    assert query["X-Amz-Expires"] == ["900"]


def test_a_signed_url_reads_one_object_for_an_hour(bucket):
    url = urlsplit(bucket.signed_url("a b.png"))

    assert "images" in url.netloc + url.path
    assert url.path.endswith("/a%20b.png")
    assert "X-Amz-Signature" in parse_qs(url.query)
    assert parse_qs(url.query)["X-Amz-Expires"] == ["3600"]


@pytest.mark.parametrize(
    ("name", "endpoint", "address"),
    [
        ("photos", None, "https://photos.s3.eu-west-1.amazonaws.com/a"),
        # No certificate is for a name with dots.
        ("my.photos", None, "https://s3.eu-west-1.amazonaws.com/my.photos/a"),
        ("photos", "http://localhost:4566", "http://localhost:4566/photos/a"),
        ("my.photos", "http://localhost:4566", "http://localhost:4566/my.photos/a"),
    ],
)
def test_a_signed_url_names_the_host_of_the_region(name, endpoint, address, monkeypatch):
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    bucket = Bucket(name, s3_connection.client())

    assert bucket.signed_url("a").partition("?")[0] == address


@pytest.mark.parametrize("cursor", ["b", "¿ Þ", "😀"])
def test_any_cursor_is_the_key_that_a_page_begins_after(cursor, bucket):
    for key in ("a", "b", "c"):
        bucket.write(key, b"data", "text/plain")

    infos, _ = bucket.page("", cursor, 10)

    assert [info.key for info in infos] == [key for key in "abc" if key > cursor]


def test_the_cursor_after_a_folder_sorts_after_all_that_is_in_it(bucket):
    for key in ("p/b/1", "p/b/\U0010fffe", "p/c"):
        bucket.write(key, b"1", "text/plain")

    _, folders, cursor = bucket.folder_page("p/", "", 1)

    assert folders == ["p/b/"]
    assert "p/b/\U0010fffe" < cursor < "p/c"


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_a_folder_has_its_objects_and_folders_once_whatever_the_page(limit, bucket):
    for key in ("p/a", "p/b/1", "p/b/2", "p/b/ü", "p/c", "p/d/e/f", "p/é/x", "q"):
        bucket.write(key, b"1", "text/plain")

    objects_, folders, cursor = [], [], ""
    while True:
        infos, inside, cursor = bucket.folder_page("p/", cursor, limit)
        objects_ += [info.key for info in infos]
        folders += inside
        if not cursor:
            break

    assert objects_ == ["p/a", "p/c"]
    assert folders == ["p/b/", "p/d/", "p/é/"]


def test_a_refused_deletion_is_no_deletion(bucket, s3_client, monkeypatch):
    errors = [{"Key": "a", "Code": "AccessDenied"}]
    monkeypatch.setattr(s3_client, "delete_objects", lambda **_: {"Errors": errors})

    with pytest.raises(DeleteRefusedError, match="AccessDenied"):
        bucket.delete(["a"])


def test_an_archived_object_has_a_state_and_is_not_read(bucket, refusing):
    bucket.write("a", b"data", "image/jpeg")
    refusing(GetObject=(403, "InvalidObjectState"))

    with pytest.raises(ArchivedError, match="restore it"):
        bucket.read(bucket.info("a"))


def test_an_object_encrypted_with_a_customer_s_key_has_a_state_and_is_not_read(bucket, refusing):
    for key in ("a", "ab"):
        bucket.write(key, b"data", "image/jpeg")
    info = bucket.info("a")
    refusing(HeadObject=(400, "400"), GetObject=(400, "InvalidRequest"))

    assert bucket.info("a") == info
    assert bucket.info("gone") is None
    with pytest.raises(EncryptedError, match="customer's key"):
        bucket.read(info)


def test_expired_credentials_are_not_taken_for_a_customer_s_key(bucket, refusing):
    bucket.write("a", b"data", "image/jpeg")
    info = bucket.info("a")
    expired = (400, "ExpiredToken")
    refusing(HeadObject=(400, "400"), GetObject=expired, ListObjectsV2=expired)

    with pytest.raises(ClientError, match="ExpiredToken"):
        bucket.info("a")
    with pytest.raises(ClientError, match="ExpiredToken"):
        bucket.read(info)
