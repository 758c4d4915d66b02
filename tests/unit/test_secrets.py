"""The Pinecone key is read again after some time, and never logged."""

import traceback

import boto3
import pytest

from image_search import secrets
from image_search.errors import VectorIndexError
from image_search.pinecone_index import VectorIndex
from image_search.secrets import Secret
from tests.unit.servers import serving

KEY = "pcsk_secret"


@pytest.fixture
def rotate(aws):
    """Stores a key, and the next one."""
    client = boto3.client("secretsmanager")
    client.create_secret(Name="pinecone", SecretString="first")
    return lambda key: client.put_secret_value(SecretId="pinecone", SecretString=key)


def test_the_key_is_read_once_for_many_requests(rotate):
    secret = Secret("pinecone")
    before = secret.value()
    rotate("second")

    assert (before, secret.value()) == ("first", "first")


def test_a_key_that_was_replaced_is_used_when_its_age_is_over(rotate, monkeypatch):
    monkeypatch.setattr(secrets, "_MAX_AGE_SECONDS", 0)
    secret = Secret("pinecone")
    secret.value()
    rotate("second")

    assert secret.value() == "second"


def test_each_request_uses_the_key_of_its_time():
    keys = iter(["first", "second"])
    with serving() as index:
        vectors = VectorIndex(index.url, lambda: next(keys), "any")
        vectors.count()
        vectors.count()

    assert [headers["Api-Key"] for headers in index.headers] == ["first", "second"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_no_error_contains_the_key(status):
    with serving() as index:
        index.status, index.body = status, b'{"error":{"message":"no"}}'
        with pytest.raises(VectorIndexError) as failure:
            VectorIndex(index.url, lambda: KEY, "any").count()

    assert index.headers[0]["Api-Key"] == KEY
    assert KEY not in "".join(traceback.format_exception(failure.value))
    assert KEY not in repr(failure.value)


def test_a_key_that_was_stored_from_a_file_has_no_line_end(rotate):
    rotate("from-a-file\n")

    assert Secret("pinecone").value() == "from-a-file"
