"""The template on the emulator: from an upload to an answer, and what must not be possible."""

from __future__ import annotations

import io
from typing import Any

import boto3
import pytest
from PIL import Image

from local.stack import LocalStack
from local.user import User, put, until
from tests.unit.images import jpeg
from tests.unit.kinds import HEIC

_PATIENCE_SECONDS = 60


@pytest.mark.parametrize(
    "key",
    [
        "plain.jpg",
        "with space.jpg",
        "a+b%2B&c=d.jpg",
        "ünïcode/日本/😀.jpg",
        "quote'\"<b>.jpg",
        "deep/er/and/deeper.jpg",
    ],
)
def test_an_image_with_any_key_is_indexed_shown_found_and_deleted(user: User, key: str) -> None:
    user.put(key, jpeg("tomato"))
    user.wait_until_indexed(key)

    image = user.image(key)
    original = user.http.get(image["url"])
    thumbnail = user.http.get(image["thumbnail_url"])
    assert Image.open(io.BytesIO(original.content)).size == (320, 240)
    assert Image.open(io.BytesIO(thumbnail.content)).format == "WEBP"
    user.put("other.jpg", jpeg("tomato"))
    until(lambda: key in user.found(key="other.jpg"), "not in time", _PATIENCE_SECONDS)

    assert user.delete(key).status_code == 204
    until(lambda: key not in user.found(key="other.jpg"), "not in time", _PATIENCE_SECONDS)
    assert user.state(key) == (None, None)
    until(
        lambda: user.http.get(image["thumbnail_url"].split("?")[0]).status_code != 200,
        "not in time",
        _PATIENCE_SECONDS,
    )


@pytest.mark.parametrize("name", ["phone.heic", "scan.tiff"])
def test_an_original_that_browsers_cannot_show_has_a_preview(user: User, name: str) -> None:
    scan = io.BytesIO()
    Image.new("RGB", (96, 64), "tomato").save(scan, "TIFF")
    data = scan.getvalue() if name == "scan.tiff" else (HEIC / "plain.heic").read_bytes()
    user.put(name, data)
    user.wait_until_indexed(name)

    preview = user.http.get(user.image(name)["preview_url"])

    assert Image.open(io.BytesIO(preview.content)).size == (96, 64)
    assert preview.headers["content-type"] == "image/webp"


def test_an_indexed_image_is_searched_without_its_object(user: User) -> None:
    user.put("stored.jpg", jpeg("teal"))
    user.wait_until_indexed("stored.jpg")

    answer = user.http.get("/api/search", params={"key": "stored.jpg"}).json()

    assert "embed" not in answer["timings_ms"]


def test_the_gallery_is_paged_in_key_order(user: User) -> None:
    keys = [f"page/{number}.jpg" for number in range(5)]
    for key in keys:
        user.put(key, jpeg("navy"))

    seen, cursor = [], ""
    while cursor is not None:
        query = {"prefix": "page/", "limit": 2, "cursor": cursor}
        page = user.http.get("/api/images", params=query).json()
        seen += [image["key"] for image in page["images"]]
        cursor = page["cursor"]

    assert seen == keys


def signed(user: User, key: str, **more: object) -> dict[str, Any]:
    request = {"key": key, "content_type": "image/jpeg", "size": 10, **more}
    return dict(user.http.post("/api/uploads", json=request).raise_for_status().json())


def test_of_two_uploads_of_one_name_the_second_is_refused(user: User) -> None:
    uploads = [signed(user, "twice.jpg") for _ in range(2)]

    answers = [
        put(upload, data).status_code
        for upload, data in zip(uploads, (b"1" * 10, b"2" * 10), strict=True)
    ]

    assert answers == [200, 412]
    assert user.http.get("/images/twice.jpg").content == b"1" * 10
    assert put(uploads[0], b"3" * 10).status_code == 412


def test_an_image_is_replaced_only_as_it_was_seen(user: User) -> None:
    user.put("taken.jpg", jpeg("gold"))
    request = {"key": "taken.jpg", "content_type": "image/jpeg", "size": 10}
    unasked = user.http.post("/api/uploads", json=request)
    etag = user.image("taken.jpg")["etag"]
    uploads = [signed(user, "taken.jpg", replace=etag) for _ in range(2)]

    assert unasked.status_code == 409
    assert unasked.headers["content-type"] == "application/problem+json"
    assert [put(upload, b"x" * 10).status_code for upload in uploads] == [200, 412]


@pytest.mark.parametrize("path", ["/api/health", "/api/images", "/api/openapi.json"])
def test_head_is_answered_like_get_without_the_body(path: str, user: User) -> None:
    def agree() -> bool:
        get, head = user.http.get(path).headers, user.http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        return all(head.headers[name] == get[name] for name in ("content-type", "etag"))

    # An image that is indexed between the two requests changes the second one's response.
    until(agree, "HEAD has other headers than GET", _PATIENCE_SECONDS)


def test_the_page_and_its_modules_come_with_their_types(user: User) -> None:
    types = {path: user.http.get(path).headers["content-type"] for path in ("/", "/app.js")}

    assert types["/"].startswith("text/html")
    assert types["/app.js"].startswith("text/javascript")


def test_buckets_answer_no_stranger(local: LocalStack) -> None:
    for name in ("ImagesBucket", "WebBucket"):
        block = boto3.client("s3").get_public_access_block(Bucket=local.stack.outputs[name])
        assert all(block["PublicAccessBlockConfiguration"].values())
