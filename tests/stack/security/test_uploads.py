"""Signed uploads that were altered: S3 takes them as they were signed, or not at all."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.stack import LocalStack
from local.user import User, put
from tests.stack.raw import upload


def sha256(data: bytes) -> str:
    """The checksum of a file, as S3 writes it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.fixture
def signed(user: User) -> dict[str, Any]:
    """A signed upload of ten bytes that is not used yet."""
    return dict(user.http.post("/api/uploads", json=upload("signed.jpg")).json())


def test_a_signature_ends_within_a_quarter_of_an_hour(signed: dict[str, Any]) -> None:
    assert parse_qs(urlsplit(signed["url"]).query)["X-Amz-Expires"] == ["900"]


@pytest.mark.parametrize("size", [0, 9, 11, 50 * 2**20 + 1])
def test_a_file_of_another_size_is_refused(size: int, signed: dict[str, Any]) -> None:
    assert put(signed, bytes(size)).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/html", "If-None-Match": "*"},
        {"Content-Type": "image/jpeg"},
        {"Content-Type": "image/jpeg", "If-Match": "*"},
        {"Content-Type": "image/jpeg", "If-None-Match": '"another"'},
    ],
    ids=str,
)
def test_other_headers_are_refused(headers: dict[str, str], signed: dict[str, Any]) -> None:
    assert put(signed | {"headers": headers}, b"x" * 10).status_code == 403


@pytest.fixture
def summed(user: User) -> Iterator[dict[str, Any]]:
    """An upload of ten bytes of which the checksum is signed."""
    asked = upload("summed.jpg", sha256=sha256(b"x" * 10))
    yield dict(user.http.post("/api/uploads", json=asked).json())
    user.delete("summed.jpg")


def test_of_a_checksum_that_is_signed_only_its_content_is_taken(summed: dict[str, Any]) -> None:
    assert put(summed, b"y" * 10).status_code == 400
    assert put(summed, b"x" * 10).status_code == 200


@pytest.mark.parametrize("checksum", [{}, {"x-amz-checksum-sha256": sha256(b"y" * 10)}], ids=len)
def test_another_checksum_is_refused(checksum: dict[str, str], summed: dict[str, Any]) -> None:
    del summed["headers"]["x-amz-checksum-sha256"]

    assert put(summed | {"headers": summed["headers"] | checksum}, b"y" * 10).status_code == 403


@pytest.mark.parametrize(
    ("part", "other"),
    [("signed.jpg", "evil.jpg"), ("X-Amz-Expires=900", "X-Amz-Expires=9000")],
)
def test_another_url_is_refused(part: str, other: str, signed: dict[str, Any]) -> None:
    url = signed["url"].replace(part, other)

    assert url != signed["url"]
    assert put(signed | {"url": url}, b"x" * 10).status_code == 403


@pytest.mark.parametrize("bucket", ["WebBucket", "ThumbnailsBucket"])
def test_a_signature_is_for_the_images_alone(
    bucket: str, signed: dict[str, Any], local: LocalStack
) -> None:
    url = signed["url"].replace(local.images_bucket, local.stack.outputs[bucket])

    assert put(signed | {"url": url}, b"x" * 10).status_code == 403
