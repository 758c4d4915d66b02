"""A picture from the computer, searched with and not stored."""

from __future__ import annotations

import base64
import io
import json
import re

import pytest
from PIL import Image
from playwright.sync_api import JSHandle, expect

from local.stack import SAMPLES
from local.user import User
from tests.browser.conftest import photograph
from tests.browser.site import PHONE, Site, expect_first, tile

CAT = "animals/cat-chelsea.jpg"
DOG = "animals/dog-german-shepherd.jpg"


def transfer(site: Site, data: bytes, content_type: str = "image/jpeg") -> JSHandle:
    """What a browser hands over when a file is dropped or pasted."""
    return site.page.evaluate_handle(
        """([bytes, type]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], "mine", { type }));
          return transfer;
        }""",
        [list(data), content_type],
    )


def test_a_picture_finds_itself_and_is_sent_small_and_not_stored(site: Site, user: User) -> None:
    stored = user.http.get("/api/images", params={"limit": 100}).json()["images"]
    site.open()

    with site.page.expect_request("**/api/search") as request:
        site.choose_picture("mine.jpg", photograph(CAT))

    expect_first(site.results, CAT)
    [term] = json.loads(request.value.post_data or "")["terms"]
    with Image.open(io.BytesIO(base64.b64decode(term["image"]))) as sent:
        assert (sent.format, max(sent.size)) == ("JPEG", 451)
    assert user.http.get("/api/images", params={"limit": 100}).json()["images"] == stored
    expect(site.chips.filter(has_text="your picture")).to_be_visible()
    expect(site.results).to_contain_text("the link to this search does not carry it")


def test_a_part_of_a_picture_that_is_not_stored_is_searched_for_on_a_phone(site: Site) -> None:
    site.page.set_viewport_size(PHONE)
    site.open()
    site.choose_picture("mine.jpg", photograph(CAT))
    expect_first(site.results, CAT)

    site.page.get_by_role("button", name="Search a part of your picture").click()
    dialog = site.page.get_by_role("dialog", name="Search a part of your picture")
    expect(dialog.get_by_role("application")).to_be_focused()
    site.page.keyboard.press("ArrowLeft")
    with site.page.expect_request("**/api/search") as request:
        dialog.get_by_role("button", name="Search this part").click()

    [term] = json.loads(request.value.post_data or "")["terms"]
    assert term["crop"] == [0.23, 0.25, 0.5, 0.5]
    expect(site.chips).to_have_text(re.compile("part of your picture"))
    site.page.get_by_role("button", name="Search a part of your picture").click()
    dialog.get_by_role("button", name="Search the whole picture").click()
    expect_first(site.results, CAT)


def test_a_large_picture_is_scaled_down_before_it_is_sent(site: Site) -> None:
    large = io.BytesIO()
    with Image.open(io.BytesIO(photograph(CAT))) as image:
        image.resize((3000, 2000)).save(large, "JPEG")
    site.open()

    with site.page.expect_request("**/api/search") as request:
        site.choose_picture("mine.jpg", large.getvalue())

    [term] = json.loads(request.value.post_data or "")["terms"]
    with Image.open(io.BytesIO(base64.b64decode(term["image"]))) as sent:
        assert sent.size == (512, 341)
    expect_first(site.results, CAT)


def test_a_picture_survives_reloading_and_going_back(site: Site) -> None:
    site.open()
    site.choose_picture("mine.jpg", photograph(CAT))
    expect_first(site.results, CAT)

    site.page.reload()
    expect_first(site.results, CAT)
    site.search("a dog")
    expect(site.chips).to_have_text([re.compile("“a dog”"), re.compile("your picture")])
    site.page.go_back()
    expect(site.chips).to_have_count(1)
    expect_first(site.results, CAT)
    site.choose_picture("mine.jpg", photograph(DOG))  # takes the place of the one before
    expect_first(site.results, DOG)
    expect(site.chips).to_have_count(1)
    for _ in range(2):
        site.page.go_back()

    expect(tile(site.gallery, CAT)).to_be_visible()


def test_a_link_says_that_the_picture_is_not_there(site: Site) -> None:
    site.open(picture="1:lost")
    expect(site.heading).to_have_text("The picture of this search is not here")
    expect(site.results).to_contain_text("Choose it again")

    site.open(picture="1:lost", text="a cat")

    expect(tile(site.results, CAT)).to_be_visible()
    expect(site.results).to_contain_text("is left out")


def test_a_picture_dropped_on_the_search_box_is_searched_with_and_not_uploaded(site: Site) -> None:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()
    hand = site.page.context.new_cdp_session(site.page)
    files = {"items": [], "files": [str(SAMPLES / CAT)], "dragOperationsMask": 1}

    def drag(kind: str, x: float, y: float) -> None:
        hand.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": files})

    drag("dragEnter", 600, 600)
    drag("dragOver", 600, 600)
    expect(site.page.locator("#drop")).to_be_visible()
    box = site.search_box.bounding_box()
    assert box
    drag("dragOver", box["x"] + 50, box["y"] + 20)
    expect(site.page.get_by_text("Drop to search by this picture")).to_be_visible()
    expect(site.page.locator("#drop")).to_be_hidden()
    drag("drop", box["x"] + 50, box["y"] + 20)

    expect_first(site.results, CAT)
    expect(site.page.get_by_text("Drop to search by this picture")).to_be_hidden()
    expect(site.page.get_by_role("region", name="Uploads")).to_be_hidden()


def test_a_picture_can_be_pasted(site: Site) -> None:
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.page.evaluate(
        """data => document.body.dispatchEvent(
          new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }))""",
        transfer(site, photograph(CAT)),
    )

    expect_first(site.results, CAT)


@pytest.mark.parametrize("data", [b"not a picture", b""])
def test_a_file_that_is_no_picture_is_said_to_be_none(site: Site, data: bytes) -> None:
    site.open()

    site.choose_picture("mine.jpg", data)

    expect(site.page.get_by_text("“mine.jpg” is not a picture")).to_be_visible()
    expect(site.results).to_be_hidden()


def test_a_picture_is_searched_with_although_the_browser_stores_nothing(site: Site) -> None:
    site.run_first("""Object.defineProperty(window, "sessionStorage", {
        get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
    })""")
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.choose_picture("mine.jpg", photograph(CAT))

    expect_first(site.results, CAT)
