"""The routes of the trash."""

import pytest

from tests.unit.lambdas import http_event

TOKEN = {"jwt": {"claims": {"sub": "somebody"}, "scopes": ["openid"]}}


@pytest.fixture
def new_trash_api(new_bucket, new_api):
    """Makes search functions on buckets of moto, with one deleted image."""

    def make(writes):
        images, thumbnails = new_bucket("images"), new_bucket("thumbnails")
        images.write("a/b.jpg", b"data", "image/jpeg")
        images.delete_key("a/b.jpg")
        return new_api({"images": images, "thumbnails": thumbnails}, writes=writes)

    return make


def restore(api, *images):
    asked = [{"key": key, "version_id": version} for key, version in images]
    return api.post("/api/trash/restore", {"images": asked})


def test_the_trash_is_listed_and_restored(new_trash_api):
    api = new_trash_api("open")

    listed = api.get("/api/trash", prefix="a/", limit="10").body
    (image,) = listed["images"]
    restored = restore(api, ("a/b.jpg", image["version_id"]), ("a/c.jpg", "x"))

    assert listed["cursor"] is None
    assert listed["available"] is True
    assert (image["key"], image["size"], image["thumbnail_url"]) == ("a/b.jpg", 4, None)
    assert restored.status == 200
    assert restored.body == {
        "restored": ["a/b.jpg"],
        "refused": [{"key": "a/c.jpg", "reason": "not-found"}],
    }
    assert api.get("/api/trash").body["images"] == []


def test_there_is_no_trash_where_writes_are_off(new_trash_api):
    api = new_trash_api("off")

    assert api.get("/api/trash").status == 404
    assert restore(api, ("a/b.jpg", "x")).status == 404
    assert "/api/trash" not in api.get("/api/openapi.json").body["paths"]


def test_without_a_sign_in_the_trash_is_refused(new_trash_api):
    api = new_trash_api("signed-in")

    listed, restored = api.get("/api/trash"), restore(api, ("a/b.jpg", "x"))

    assert [answer.status for answer in (listed, restored)] == [401, 401]
    assert listed.body["type"] == "/problems/sign-in-required"


def test_after_a_sign_in_the_trash_is_listed(new_trash_api):
    event = http_event("GET", "/api/trash")
    event["requestContext"]["authorizer"] = TOKEN

    answer = new_trash_api("signed-in").take(event)

    assert [image["key"] for image in answer.body["images"]] == ["a/b.jpg"]


@pytest.mark.parametrize(
    "images", [[], [{"key": "a"}], [{"key": "a", "version_id": "x", "more": 1}], [1]]
)
def test_a_request_to_restore_names_keys_and_versions(images, new_trash_api):
    answer = new_trash_api("open").post("/api/trash/restore", {"images": images})

    assert answer.status == 422


@pytest.mark.parametrize("parameter", ["prefix", "cursor"])
@pytest.mark.parametrize("text", ["a\x0f", "\x00", "\uffff"])
def test_characters_that_a_listing_cannot_contain_are_refused(parameter, text, new_trash_api):
    answer = new_trash_api("open").get("/api/trash", **{parameter: text})

    assert answer.status == 422
    assert "control characters" in answer.body["detail"]
