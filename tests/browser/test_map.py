"""The map: what is alike lies near, and mouse and keyboard move, zoom and open it."""

from __future__ import annotations

from math import dist

import pytest
from playwright.sync_api import Locator, Page, expect

from local.user import User, until
from tests.browser.site import Site, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
CASTLE = "buildings/castle-neuschwanstein.jpg"
_PATIENCE_SECONDS = 20
# Points at every twelfth pixel, and collects where the name of each image shows.
_SCAN = """canvas => {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const seen = {};
  for (let x = left + 6; x < left + width; x += 12) {
    for (let y = top + 6; y < top + height; y += 12) {
      canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y }));
      const key = document.querySelector("#map .name").textContent;
      if (key) (seen[key] ??= []).push([x, y]);
    }
  }
  return seen;
}"""

Place = tuple[float, float]


@pytest.fixture(scope="module", autouse=True)
def only_photographs(user: User, photographs: tuple[str, ...], page: Page) -> None:
    """What other tests uploaded would share the map, and move every place."""

    def mapped() -> set[str]:
        return {point["key"] for point in user.http.get("/api/map").json()["points"]}

    stored = {item["Key"] for item in user.s3.list_objects_v2(Bucket=user.bucket)["Contents"]}
    for key in stored - set(photographs):
        user.s3.delete_object(Bucket=user.bucket, Key=key)
    until(lambda: mapped() == set(photographs), "other images are there", _PATIENCE_SECONDS)
    browser = page.context.new_cdp_session(page)
    browser.send("Network.clearBrowserCache")  # it keeps maps for a minute


def canvas(site: Site) -> Locator:
    return site.page.get_by_role("application", name="Map of the images")


def name(site: Site) -> Locator:
    """The key of the image that is pointed at, below that image."""
    return site.page.locator("#map .name")


def open_map(site: Site, **query: str) -> None:
    site.open(view="map", **query)
    expect(site.heading).to_contain_text("image")


def places(site: Site) -> dict[str, Place]:
    """The middle of each image on the screen, by key."""
    seen = canvas(site).evaluate(_SCAN)
    return {
        key: (sum(x for x, _ in at) / len(at), sum(y for _, y in at) / len(at))
        for key, at in seen.items()
    }


def nearest(some: dict[str, Place], key: str) -> str:
    """The key of the image beside another one."""
    return min(some.keys() - {key}, key=lambda other: dist(some[other], some[key]))


def are_same(some: dict[str, Place], others: dict[str, Place]) -> bool:
    """Within a pixel."""
    return some.keys() == others.keys() and all(dist(some[key], others[key]) < 1 for key in some)


def drag(site: Site, start: Place, end: Place) -> None:
    mouse = site.page.mouse
    mouse.move(*start)
    mouse.down()
    mouse.move(*end, steps=5)
    mouse.up()


def test_the_map_is_loaded_when_it_is_first_looked_at(site: Site) -> None:
    asked: list[str] = []
    site.on("request", lambda request: asked.append(request.url.removeprefix(site.address)))
    site.open()
    expect(tile(site.gallery, CAT)).to_be_visible()
    assert "api/map" not in asked
    assert not any(path.startswith("map/") for path in asked)

    site.page.get_by_role("link", name="Map").click()

    expect(canvas(site)).to_be_visible()
    expect(site.gallery).to_be_hidden()
    expect(site.page).to_have_url(f"{site.address}?view=map")
    site.page.go_back()
    expect(tile(site.gallery, CAT)).to_be_visible()


def test_every_image_has_a_place_and_the_cats_are_near_each_other(
    site: Site, photographs: tuple[str, ...]
) -> None:
    open_map(site)

    found = places(site)

    assert found.keys() == set(photographs)
    assert nearest(found, CAT) == KITTEN


def test_a_click_opens_an_image_beside_the_map(site: Site) -> None:
    open_map(site)

    site.page.mouse.click(*places(site)[CAT])

    expect(site.panel.get_by_role("heading", name=CAT)).to_be_visible()
    expect(canvas(site)).to_be_visible()
    site.panel.get_by_role("button", name="Close").click()
    expect(site.panel).to_be_hidden()
    expect(canvas(site)).to_be_focused()


def test_selecting_on_the_zoomed_map_keeps_the_image_in_view_and_closing_shows_the_same_place(
    site: Site,
) -> None:
    open_map(site)
    x, y = places(site)[CAT]
    site.page.mouse.move(x, y)
    site.page.mouse.wheel(0, -500)
    expect(name(site)).to_have_text(CAT)
    before = places(site)

    site.page.mouse.click(*before[CAT])

    expect(site.panel.get_by_role("heading", name=CAT)).to_be_visible()
    until(lambda: CAT in places(site), "the image is out of view", _PATIENCE_SECONDS)
    site.page.keyboard.press("Escape")
    expect(site.panel).to_be_hidden()
    until(lambda: are_near(places(site), before), "it is another place", _PATIENCE_SECONDS)


def are_near(some: dict[str, Place], others: dict[str, Place]) -> bool:
    """What is seen well within the screen is where it was."""
    return CAT in some and dist(some[CAT], others[CAT]) < 30


def test_dragging_moves_the_map_and_opens_nothing(site: Site) -> None:
    open_map(site)
    before = places(site)
    x, y = before[CAT]
    size = site.page.viewport_size
    assert size
    # Away from an edge, where the map ends.
    moved = (
        x + (80 if x < size["width"] / 2 else -80),
        y + (50 if y < size["height"] / 2 else -50),
    )

    drag(site, before[CAT], moved)

    until(lambda: dist(places(site)[CAT], moved) < 20, "it is elsewhere", _PATIENCE_SECONDS)
    expect(site.panel).to_be_hidden()


def test_the_wheel_zooms_at_the_pointer_and_0_shows_the_whole_map(site: Site) -> None:
    open_map(site)
    before = places(site)
    key = in_the_middle(site, before)
    site.page.mouse.move(*before[key])

    site.page.mouse.wheel(0, -400)

    expect(name(site)).to_have_text(key)
    beside = nearest(before, key)
    until(
        lambda: is_zoomed(places(site), before, key, beside), "it is not zoomed", _PATIENCE_SECONDS
    )
    assert dist(places(site)[key], before[key]) < 20
    canvas(site).press("0")
    until(lambda: are_same(places(site), before), "the map is not whole", _PATIENCE_SECONDS)


def in_the_middle(site: Site, some: dict[str, Place]) -> str:
    """The key of an image that no edge cuts when it grows."""
    box = canvas(site).bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return min(some, key=lambda key: dist(some[key], middle))


def is_zoomed(after: dict[str, Place], before: dict[str, Place], key: str, beside: str) -> bool:
    """Where the other one is out of sight by now, it is farther away for sure."""
    if beside not in after or key not in after:
        return key in after
    return dist(after[key], after[beside]) > 1.5 * dist(before[key], before[beside])


def test_the_arrow_keys_go_from_image_to_image_and_enter_opens_one(site: Site) -> None:
    open_map(site)
    canvas(site).focus()
    expect(site.page.get_by_text("Arrow keys go from image to image")).to_be_visible()

    site.page.keyboard.press("ArrowDown")
    first = name(site).text_content() or ""
    expect(site.page.get_by_role("status")).to_have_text(first)
    site.page.keyboard.press("ArrowLeft")
    second = name(site).text_content() or ""
    expect(site.page.get_by_role("status")).to_have_text(second)
    site.page.keyboard.press("Enter")

    assert second != first
    expect(site.panel.get_by_role("heading", name=second)).to_be_focused()
    site.page.keyboard.press("Escape")
    expect(canvas(site)).to_be_focused()
    expect(name(site)).to_have_text(second)


def test_a_folder_s_map_has_its_images_only(site: Site) -> None:
    site.open(prefix="animals/")
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.page.get_by_role("link", name="Map").click()

    expect(site.heading).to_have_text("5 images")
    expect(canvas(site)).to_be_visible()
    assert {key.split("/")[0] for key in places(site)} == {"animals"}
    site.page.get_by_role("link", name="Grid").click()
    expect(site.page).to_have_url(f"{site.address}?prefix=animals%2F")


def test_a_deleted_image_leaves_the_map_until_that_is_undone(site: Site) -> None:
    open_map(site, key=CASTLE)
    assert CASTLE in places(site)

    site.delete_selected()

    expect(site.panel).to_be_hidden()
    assert CASTLE not in places(site)
    site.page.get_by_role("button", name="Undo").click()
    assert CASTLE in places(site)


def test_a_map_that_cannot_be_had_is_said_and_tried_again(site: Site) -> None:
    site.expect_fault("503")
    down = {
        "status": 503,
        "content_type": "application/problem+json",
        "body": '{"detail": "Down."}',
    }
    site.page.route("**/api/map*", lambda route: route.fulfill(**down), times=1)  # type: ignore[arg-type]
    site.open(view="map")
    expect(site.page.locator("#map")).to_contain_text("Down.")

    site.page.locator("#map").get_by_role("button", name="Try again").click()

    expect(canvas(site)).to_be_visible()
    assert CAT in places(site)


def test_an_empty_map_says_so(site: Site) -> None:
    nothing = {"points": [], "total": 0, "sampled": False, "bundle": "b"}
    site.page.route("**/api/map*", lambda route: route.fulfill(json=nothing))

    site.open(view="map")

    expect(site.page.locator("#map")).to_contain_text("There are no images on the map yet")


def test_two_fingers_zoom_and_open_nothing(site: Site) -> None:
    open_map(site)
    before = places(site)
    key = in_the_middle(site, before)
    x, y = before[key]
    fingers = site.page.context.new_cdp_session(site.page)

    for kind, apart in (("touchStart", 60), ("touchMove", 90), ("touchMove", 120), ("touchEnd", 0)):
        points = [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}] if apart else []
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    beside = nearest(before, key)
    until(
        lambda: is_zoomed(places(site), before, key, beside), "it is not zoomed", _PATIENCE_SECONDS
    )
    assert dist(places(site)[key], before[key]) < 20
    expect(site.panel).to_be_hidden()
