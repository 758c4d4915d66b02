"""Deleting is undone on the stack, as the roles of its functions allow it."""

from __future__ import annotations

import io

import httpx
from PIL import Image

from local.user import User, until
from tests.unit.images import jpeg


def test_a_deleted_image_is_shown_in_the_trash_and_restored(user: User) -> None:
    key = "trash/ä b+.jpg"
    user.put(key, jpeg("tomato"))
    user.put("trash/kept.jpg", jpeg("teal"))
    user.wait_until_indexed(key)
    user.delete(key)

    def trash() -> list[dict]:
        return list(user.http.get("/api/trash", params={"prefix": "trash/"}).json()["images"])

    until(lambda: [image["thumbnail_url"] is not None for image in trash()] == [True], "no trash")
    (image,) = trash()
    thumbnail = Image.open(io.BytesIO(httpx.get(image["thumbnail_url"]).content))
    assert (image["key"], thumbnail.format) == (key, "WEBP")
    hidden = image["thumbnail_url"].split("?")[0].rsplit("/trash/", 1)[1]
    assert user.http.get(f"/trash/{hidden}").status_code != 200

    asked = {"images": [{"key": key, "version_id": image["version_id"]}]}
    restored = user.http.post("/api/trash/restore", json=asked)
    assert restored.json() == {"restored": [key], "refused": []}
    user.wait_until_indexed(key)
    assert trash() == []
    again = user.http.post("/api/trash/restore", json=asked)
    assert again.json()["refused"] == [{"key": key, "reason": "exists"}]
