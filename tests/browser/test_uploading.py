"""From a chosen file to an image that can be found, or to the reason why not."""

from __future__ import annotations

import base64
import hashlib
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Locator, Request, Route, expect

from local.user import User
from tests.browser.conftest import photograph
from tests.browser.site import PHONE, Site, expect_first, expect_loaded, tile

STORAGE = "http://127.0.0.1:*/**"
PIXEL = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"


def rows(site: Site) -> Locator:
    return site.page.get_by_role("region", name="Uploads").get_by_role("listitem")


def is_put(request: Request) -> bool:
    return request.method == "PUT"


def drop(site: Site, *paths: Path) -> None:
    """Drop files and folders of this computer on the page, as its user would."""
    browser = site.page.context.new_cdp_session(site.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 500, "data": data})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a picture, another in a folder of its own, and something else."""
    (tmp_path / "holiday" / "day 2").mkdir(parents=True)
    (tmp_path / "holiday" / "sand.jpg").write_bytes(photograph("landscapes/coast-sunset.jpg"))
    (tmp_path / "holiday" / "day 2" / "א ü+.jpg").write_bytes(photograph("food/spices.jpg"))
    (tmp_path / "holiday" / "notes.txt").write_text("not a picture")
    return tmp_path / "holiday"


def accept_anything(site: Site) -> list[str]:
    """Stand in for the API and the storage: everything is indexed at once. Returns the keys."""
    accepted: list[str] = []

    def sign(route: Route) -> None:
        accepted.append(route.request.post_data_json["key"])
        route.fulfill(json={"url": "http://127.0.0.1:4999/bucket", "headers": {}})

    def describe(route: Route) -> None:
        key = parse_qs(urlparse(route.request.url).query)["key"][0]
        image = {"key": key, "url": "/favicon.svg", "state": "indexed", "etag": "1", "size": 1}
        route.fulfill(json=image | {"thumbnail_url": "/favicon.svg", "width": 3, "height": 2})

    site.page.route("**/api/uploads", sign)
    site.page.route("http://127.0.0.1:4999/*", lambda route: route.fulfill(status=204))
    site.page.route("**/api/image?*", describe)
    return accepted


def test_an_upload_is_followed_until_it_can_be_found(site: Site) -> None:
    site.open()

    panda = photograph("animals/panda.jpg")
    with site.holding("**/api/image?key=panda.jpg"):
        with site.holding(STORAGE), site.page.expect_request(is_put) as sent:
            row = site.choose_file("panda.jpg", panda)
            expect(row).to_contain_text("Uploading")
            expect(row.get_by_role("progressbar")).to_be_visible()
        checksum = base64.b64encode(hashlib.sha256(panda).digest()).decode()
        assert sent.value.headers["x-amz-checksum-sha256"] == checksum
        expect(row).to_contain_text("Being indexed")
        expect(row.get_by_role("progressbar")).to_be_visible()
    expect(row).to_contain_text("Can be found")

    expect_loaded(tile(site.gallery, "panda.jpg").get_by_role("img"))
    site.search("a panda")
    expect_first(site.results, "panda.jpg")
    row.get_by_role("link", name="Show panda.jpg").click()
    expect(site.panel.get_by_role("heading", name="panda.jpg")).to_be_visible()


def test_a_text_file_named_jpg_is_rejected_and_listed_by_its_reason(site: Site, user: User) -> None:
    site.expect_fault("422")  # similar images are asked for together with its state
    site.open()

    row = site.choose_file("notes.jpg", b"not a picture")

    expect(row).to_contain_text("No image can be read in the file")
    expect(row).to_contain_text("save it as JPEG or PNG")
    expect(site.gallery.locator(".tile", has_text="notes.jpg")).to_contain_text("Rejected")
    site.page.get_by_role("link", name="Files that cannot be searched").click()
    rejected = site.page.locator("#rejected")
    expect(tile(rejected, "notes.jpg")).to_be_visible()
    with site.page.expect_response("**/api/images?*reason=not-a-readable-image*"):
        rejected.get_by_label("Reason").select_option(label="not a readable image")
    tile(rejected, "notes.jpg").click()
    expect(site.panel).to_contain_text("save it as JPEG or PNG")
    user.delete("notes.jpg")


def test_a_name_that_exists_can_be_replaced(site: Site, user: User) -> None:
    user.put("replaced.jpg", photograph("food/spices.jpg"))
    user.wait_until_indexed("replaced.jpg")
    before = user.image("replaced.jpg")["thumbnail_url"]
    site.expect_fault("409")
    site.open()

    row = site.choose_file("replaced.jpg", photograph("things/clock.jpg"))
    expect(row).to_contain_text("An image with this name exists.")
    row.get_by_role("button", name="Replace: replaced.jpg").click()
    expect(row).to_contain_text("Can be found")

    image = tile(site.gallery, "replaced.jpg").get_by_role("img")
    expect_loaded(image)
    assert image.get_attribute("src") == user.image("replaced.jpg")["thumbnail_url"] != before


def test_a_folder_with_names_that_exist_and_files_that_are_not_read_on_a_phone(
    site: Site, folder: Path
) -> None:
    asked: list[dict[str, str]] = []

    def answer(route: Route) -> None:
        body = route.request.post_data_json
        asked.append(body)
        if body["key"].endswith("(2).gif") or body.get("replace") or "sand" in body["key"]:
            route.fallback()
        else:
            route.fulfill(status=409, json={"title": "The name is taken."})

    (folder / "day 2" / "א ü+.jpg").unlink()
    for name in ("0.gif", "1.gif", "2.gif", "._0.gif", ".DS_Store", "Thumbs.db", "notes.jxl"):
        (folder / name).write_bytes(PIXEL)
    (folder / "empty.png").write_bytes(b"")
    (folder / "from-a-phone.HEIC").write_bytes(PIXEL)
    accept_anything(site)
    site.page.route("**/api/uploads", answer)
    site.expect_fault("409")
    site.page.set_viewport_size(PHONE)
    site.open()
    expect(site.page.get_by_label("Upload images")).to_be_visible()
    site.page.get_by_label("Upload a folder").set_input_files(folder)
    summary = site.page.locator("#uploads-summary")
    expect(summary).to_have_text("1 uploaded · 2 failed · 4 to decide · 4 skipped")

    refused = rows(site).filter(has_text="notes.jxl")
    expect(refused).to_contain_text("JPEG XL is not read; save it as JPEG or PNG.")
    expect(refused.get_by_role("button")).to_have_count(0)
    expect(rows(site).filter(has_text="empty.png")).to_contain_text("The file is empty")
    assert {body["key"].split("/")[1]: body["content_type"] for body in asked} == {
        "sand.jpg": "image/jpeg",
        "from-a-phone.HEIC": "image/heic",
    } | dict.fromkeys(("0.gif", "1.gif", "2.gif"), "image/gif")
    expect(rows(site).last).to_contain_text("Can be found")  # what needs people comes first
    site.page.get_by_role("button", name="Skip: holiday/0.gif").click()
    site.page.get_by_role("button", name="Replace: holiday/1.gif").click()
    site.page.get_by_role("group", name="All names").get_by_role("button", name="Skip").click()
    expect(summary).to_have_text("2 uploaded · 2 failed · 7 skipped")
    site.page.get_by_role("button", name="Show the files").click()
    expect(rows(site).first).to_be_hidden()
    expect(summary).to_be_visible()
    site.page.get_by_role("button", name="Show the files").click()
    site.page.get_by_role("button", name="Clear finished").click()

    expect(site.page.get_by_role("region", name="Uploads")).to_be_hidden()
    assert sum(bool(body.get("replace")) for body in asked) == 1


def test_the_second_of_two_tabs_that_upload_one_name_is_asked_what_to_do(
    site: Site, user: User
) -> None:
    """Both have an address to send to when the first of them sends: S3 refuses the second."""
    first, second = photograph("food/spices.jpg"), photograph("things/clock.jpg")
    site.expect_fault("412")
    site.open()
    with site.page.context.new_page() as page:
        other = Site(page, site.address)
        other.open()
        with site.holding(STORAGE):
            with site.page.expect_response("**/api/uploads"):
                row = site.choose_file("both.jpg", second)
            expect(other.choose_file("both.jpg", first)).to_contain_text("Can be found")
        expect(row).to_contain_text("An image with this name exists.")
        assert user.http.get(user.image("both.jpg")["url"]).content == first
        row.get_by_role("button", name="Keep both: both.jpg").click()

        expect(rows(site).last).to_contain_text("Can be found")
        assert user.http.get(user.image("both (2).jpg")["url"]).content == second
    for key in ("both.jpg", "both (2).jpg"):
        user.delete(key)


def test_of_two_files_of_one_name_that_are_chosen_together_one_is_stored_and_one_is_asked_about(
    site: Site, user: User
) -> None:
    pictures = [photograph("food/spices.jpg"), photograph("things/clock.jpg")]
    files = [{"name": "same.jpg", "mimeType": "image/jpeg", "buffer": one} for one in pictures]
    site.expect_fault("409|412")  # refused beforehand, where the first was stored by then
    site.open()
    expect(site.page.get_by_label("Upload images")).to_be_visible()

    signed = count(1)
    with (
        site.holding(STORAGE),
        site.page.expect_response(lambda it: "/api/uploads" in it.url and next(signed) == 2),
    ):
        site.page.get_by_label("Upload images").set_input_files(files)  # type: ignore[arg-type]

    expect(rows(site).filter(has_text="An image with this name exists.")).to_have_count(1)
    expect(rows(site).filter(has_text="Can be found")).to_have_count(1)
    assert user.http.get(user.image("same.jpg")["url"]).content in pictures
    user.delete("same.jpg")


def test_files_and_folders_can_be_dropped_on_the_page(site: Site, folder: Path) -> None:
    site.open()
    expect(site.page.get_by_label("Upload images")).to_be_visible()

    drop(site, folder / "notes.txt")
    expect(rows(site)).to_contain_text("Files of the type text/plain cannot be searched.")
    drop(site, folder)

    expect(rows(site)).to_have_count(3)
    expect(rows(site).filter(has_text="holiday/sand.jpg")).to_contain_text("Can be found")
    expect(rows(site).filter(has_text="holiday/day 2/א ü+.jpg")).to_contain_text("Can be found")
    expect_loaded(tile(site.gallery, "holiday/day 2/א ü+.jpg").get_by_role("img"))
    site.open(prefix="holiday/day 2/")
    expect(tile(site.gallery, "holiday/day 2/א ü+.jpg")).to_be_visible()


def test_what_is_dragged_over_the_page_is_said_to_go_into_the_folder_on_show(
    site: Site, folder: Path
) -> None:
    accepted = accept_anything(site)
    site.open(prefix="animals/")
    expect(site.page.get_by_label("Upload images")).to_be_visible()

    site.choose_file("lynx.jpg", PIXEL)
    expect(rows(site).first).to_contain_text("Can be found")
    drop(site, folder / "sand.jpg")
    expect(rows(site).last).to_contain_text("Can be found")
    site.page.get_by_label("Upload a folder").set_input_files(folder)
    expect(rows(site)).to_have_count(4)

    in_folder = {"animals/holiday/sand.jpg", "animals/holiday/day 2/א ü+.jpg"}
    expect(rows(site).filter(has_text="Can be found")).to_have_count(4)
    assert set(accepted) == {"animals/lynx.jpg", "animals/sand.jpg"} | in_folder


def test_many_files_are_uploaded_a_few_at_a_time(site: Site) -> None:
    accepted = accept_anything(site)
    site.open()
    expect(site.page.get_by_label("Upload images")).to_be_visible()
    files = [{"name": f"{n:02}.gif", "mimeType": "image/gif", "buffer": PIXEL} for n in range(12)]

    with site.holding("http://127.0.0.1:4999/*"):
        site.page.get_by_label("Upload images").set_input_files(files)  # type: ignore[arg-type]
        expect(rows(site)).to_have_count(12)
        expect(rows(site).filter(has_text="Uploading")).to_have_count(4)
        expect(rows(site).filter(has_text="Waiting")).to_have_count(8)
    summary = site.page.get_by_role("region", name="Uploads")

    expect(summary).to_contain_text("12 uploaded")
    assert sorted(accepted) == [f"{n:02}.gif" for n in range(12)]
    expect(site.page.get_by_role("status")).to_contain_text("12 uploaded")


def test_uploads_hold_the_page_are_cancelled_and_started_again(site: Site) -> None:
    accepted = accept_anything(site)
    site.open()
    expect(site.page.get_by_label("Upload images")).to_be_visible()
    files = [{"name": f"{n}.gif", "mimeType": "image/gif", "buffer": PIXEL} for n in range(9)]

    with site.holding("http://127.0.0.1:4999/*"):
        site.page.get_by_label("Upload images").set_input_files(files)  # type: ignore[arg-type]
        site.expect_fault("^dialog: $")
        with site.page.expect_event("dialog") as asked:
            site.page.close(run_before_unload=True)
        assert asked.value.type == "beforeunload"
        site.page.get_by_role("button", name="Cancel: 0.gif").click()
        expect(rows(site).first).to_contain_text("Cancelled")
        site.page.get_by_role("button", name="Cancel all").click()
        expect(rows(site).filter(has_text="Cancelled")).to_have_count(9)
        expect(site.page.locator("#uploads-summary")).to_have_text("9 cancelled")
    site.page.get_by_role("button", name="Try all again").click()

    expect(rows(site).filter(has_text="Can be found")).to_have_count(9)
    assert set(accepted) == {f"{n}.gif" for n in range(9)}


def test_a_broken_connection_can_be_tried_again(site: Site) -> None:
    """The page came by plain HTTP, so that its browser computes no checksum."""
    site.run_first("Object.defineProperty(window, 'isSecureContext', {value: false})")
    site.expect_fault("ERR_FAILED")
    site.open()
    site.page.route(STORAGE, lambda route: route.abort())
    row = site.choose_file("again.jpg", photograph("textures/bricks.jpg"))
    expect(row).to_contain_text("The connection to the storage failed.")

    site.page.unroute_all()
    with site.page.expect_request(is_put) as sent:
        row.get_by_role("button", name="Try again: again.jpg").click()

    expect(row).to_contain_text("Can be found")
    assert "x-amz-checksum-sha256" not in sent.value.headers
