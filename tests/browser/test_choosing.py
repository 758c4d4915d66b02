"""Many images at once: chosen, and what can be done with them."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from local.stack import LocalStack
from tests.browser.conftest import photograph
from tests.browser.site import Site, keys, tile

OWL = "animals/bird-owl.jpg"
CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
DOG = "animals/dog-german-shepherd.jpg"


def chosen(site: Site) -> list[str]:
    found = site.gallery.locator(".tile:has(input:checked)")
    return [str(key) for key in found.evaluate_all("tiles => tiles.map(t => t.dataset.key)")]


def bar(site: Site) -> Locator:
    return site.page.get_by_role("region", name="Selected images")


def open_animals(site: Site) -> None:
    site.open(prefix="animals/")
    expect(tile(site.gallery, CAT)).to_be_visible()


def test_images_are_chosen_by_checkbox_click_and_shift_click(site: Site) -> None:
    open_animals(site)

    site.gallery.get_by_role("checkbox", name=f"Select {OWL}").check()
    expect(bar(site)).to_contain_text("1 selected")
    tile(site.gallery, KITTEN).click()
    assert chosen(site) == [OWL, KITTEN]
    tile(site.gallery, DOG).click(modifiers=["Shift"])
    assert chosen(site) == [OWL, KITTEN, DOG]
    tile(site.gallery, OWL).click()
    assert chosen(site) == [KITTEN, DOG]
    bar(site).get_by_role("button", name="Select all").click()
    assert chosen(site) == keys(site.gallery)
    expect(site.panel).to_be_hidden()

    site.page.keyboard.press("Escape")

    expect(bar(site)).to_be_hidden()
    assert chosen(site) == []


def test_images_are_chosen_from_the_keyboard(site: Site) -> None:
    open_animals(site)
    tile(site.gallery, CAT).focus()

    site.page.keyboard.press("Space")
    assert chosen(site) == [CAT]
    site.page.keyboard.press("Shift+ArrowRight")
    expect(tile(site.gallery, KITTEN)).to_be_focused()
    assert chosen(site) == [CAT, KITTEN]
    site.page.keyboard.press("Space")
    assert chosen(site) == [CAT]
    site.page.keyboard.press("Control+a")

    assert chosen(site) == keys(site.gallery)
    site.page.get_by_role("navigation", name="Folder").get_by_role("link").first.click()
    expect(bar(site)).to_be_hidden()


def test_chosen_images_are_copied_downloaded_searched_with_and_deleted_on_the_smallest_phone(
    site: Site, local: LocalStack
) -> None:
    site.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    site.page.set_viewport_size({"width": 320, "height": 640})
    open_animals(site)
    for key in (CAT, KITTEN):
        site.gallery.get_by_role("checkbox", name=f"Select {key}").check(force=True)
    for button in bar(site).get_by_role("button").all():
        expect(button).to_be_in_viewport(ratio=1)

    def copied(name: str) -> list[str]:
        bar(site).get_by_role("button", name="Copy", exact=True).click()
        site.page.get_by_role("button", name=name).click()
        expect(site.page.get_by_role("list", name="Notices")).to_contain_text("Copied")
        site.page.get_by_role("button", name="Dismiss").click()
        return str(site.page.evaluate("navigator.clipboard.readText()")).split("\n")

    assert copied("Copy keys") == [CAT, KITTEN]
    bucket = f"s3://{local.images_bucket}"
    assert copied("Copy S3 URIs") == [f"{bucket}/{CAT}", f"{bucket}/{KITTEN}"]
    assert copied("Copy links")[0].startswith(f"{site.address}images/{CAT}?v=")

    saved: list[str] = []
    site.on("download", lambda download: saved.append(download.suggested_filename))
    with site.page.expect_event("download", lambda _: len(saved) == 2):
        bar(site).get_by_role("button", name="Download").click()
    assert sorted(saved) == ["cat-chelsea.jpg", "cat-ginger-kitten.jpg"]
    bar(site).get_by_role("button", name="Delete").click()
    expect(tile(site.gallery, CAT)).to_have_count(0)
    site.page.get_by_role("button", name="Undo").click()
    expect(tile(site.gallery, CAT)).to_be_visible()
    for key in (CAT, KITTEN):
        site.gallery.get_by_role("checkbox", name=f"Select {key}").check(force=True)
    bar(site).get_by_role("button", name="Find similar").click()

    expect(site.chips.filter(has_text=".jpg")).to_have_count(2)
    expect(bar(site)).to_be_hidden()
    expect(site.results.locator(".tile").first).to_be_visible()
    assert not {CAT, KITTEN} & set(keys(site.results))


def test_the_selected_image_can_be_copied_and_downloaded(site: Site, local: LocalStack) -> None:
    site.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    site.open(key=CAT)

    with site.page.expect_download() as download:
        site.panel.get_by_role("link", name="Download").click()
    site.open_details()
    expect(site.panel.get_by_role("dialog")).to_contain_text("451 × 300")
    site.panel.get_by_role("button", name="Copy S3 URI").click()
    expect(site.page.get_by_role("list", name="Notices")).to_contain_text("Copied")

    assert (
        site.page.evaluate("navigator.clipboard.readText()") == f"s3://{local.images_bucket}/{CAT}"
    )
    assert download.value.suggested_filename == "cat-chelsea.jpg"


def test_ctrl_click_is_left_to_the_browser_which_opens_another_tab(site: Site) -> None:
    open_animals(site)

    is_left = tile(site.gallery, KITTEN).evaluate("""link => {
        let left;
        const last = event => { left = !event.defaultPrevented; event.preventDefault(); };
        addEventListener("click", last, { once: true });
        const click = { ctrlKey: true, bubbles: true, cancelable: true };
        link.dispatchEvent(new MouseEvent("click", click));
        return left;
    }""")

    assert is_left
    assert "key=animals%2Fcat-ginger-kitten.jpg" in str(
        tile(site.gallery, KITTEN).get_attribute("href")
    )
    expect(bar(site)).to_be_hidden()
    expect(site.panel).to_be_hidden()


def test_what_is_dragged_out_is_the_original_under_its_name(site: Site) -> None:
    open_animals(site)

    dragged = tile(site.gallery, OWL).evaluate("""link => {
        const dataTransfer = new DataTransfer();
        link.dispatchEvent(new DragEvent("dragstart", { bubbles: true, dataTransfer }));
        return dataTransfer.getData("DownloadURL");
    }""")

    kind, name, address = dragged.split(":", 2)
    assert (kind, name) == ("image/jpeg", OWL.removeprefix("animals/"))
    size = site.page.evaluate("url => fetch(url).then(r => r.blob()).then(b => b.size)", address)
    assert size == len(photograph(OWL))
