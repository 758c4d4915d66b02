"""From a chosen file to an image that can be found, or to the reason why not."""

from __future__ import annotations

from playwright.sync_api import expect

from local.smoke import User
from tests.browser.conftest import photograph
from tests.browser.site import Site, expect_first, expect_loaded, tile


def test_an_upload_is_followed_until_it_can_be_found(site: Site) -> None:
    site.open()

    with site.holding("**/api/images/panda.jpg"):
        with site.holding("http://127.0.0.1:*/**"):
            row = site.choose_file("panda.jpg", photograph("animals/panda.jpg"))
            expect(row).to_contain_text("Uploading")
            expect(row.get_by_role("progressbar")).to_be_visible()
        expect(row).to_contain_text("Being indexed")
        expect(row.get_by_role("progressbar")).to_be_visible()
    expect(row).to_contain_text("Can be found")

    expect_loaded(tile(site.gallery, "panda.jpg").get_by_role("img"))
    site.search("a panda")
    expect_first(site.results, "panda.jpg")
    row.get_by_role("link", name="Show panda.jpg").click()
    expect(site.panel.get_by_role("heading", name="panda.jpg")).to_be_visible()


def test_a_text_file_named_jpg_is_rejected_with_the_reason(site: Site) -> None:
    site.expect_fault("422")  # similar images are asked for together with its state
    site.open()

    row = site.choose_file("notes.jpg", b"not a picture")

    expect(row).to_contain_text("Rejected: not a readable image")
    expect(site.gallery.locator(".tile", has_text="notes.jpg")).to_contain_text("Rejected")
    tile(site.gallery, "notes.jpg").click()
    expect(site.panel).to_contain_text("Rejected: not a readable image")


def test_a_file_that_is_no_picture_is_refused_before_it_is_sent(site: Site) -> None:
    site.expect_fault("422")
    site.open()

    row = site.choose_file("notes.txt", b"not a picture", "text/plain")

    expect(row).to_have_class("failed")
    expect(row.get_by_role("button")).to_have_count(0)


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


def test_files_can_be_dropped_on_the_page(site: Site) -> None:
    site.open()
    expect(site.page.locator("#upload")).to_be_visible()

    dropped = site.page.evaluate_handle(
        """bytes => {
          const transfer = new DataTransfer();
          const parts = [new Uint8Array(bytes)];
          transfer.items.add(new File(parts, "dropped.jpg", { type: "image/jpeg" }));
          return transfer;
        }""",
        list(photograph("plants/dandelion-seeds.jpg")),
    )
    site.page.dispatch_event("body", "dragenter", {"dataTransfer": dropped})
    expect(site.page.get_by_text("Drop images to upload")).to_be_visible()
    site.page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})

    row = site.page.locator("#uploads li", has_text="dropped.jpg")
    expect(row).to_contain_text("Can be found")
    site.page.get_by_role("button", name="Clear finished").click()
    expect(site.page.get_by_role("region", name="Uploads")).to_be_hidden()
    expect_loaded(tile(site.gallery, "dropped.jpg").get_by_role("img"))


def test_a_broken_connection_can_be_tried_again(site: Site) -> None:
    site.expect_fault("ERR_FAILED")
    site.open()
    site.page.route("http://127.0.0.1:*/**", lambda route: route.abort())
    row = site.choose_file("again.jpg", photograph("textures/bricks.jpg"))
    expect(row).to_contain_text("The connection to the storage failed.")

    site.page.unroute_all()
    row.get_by_role("button", name="Try again: again.jpg").click()

    expect(row).to_contain_text("Can be found")
