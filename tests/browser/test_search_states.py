"""Searches that find nothing, take long, fail, or make no sense to ask for."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from local.user import User, until
from tests.browser.conftest import photograph
from tests.browser.site import Site, expect_first, expect_loaded, keys, tile

CAT = "animals/cat-chelsea.jpg"
KITTEN = "animals/cat-ginger-kitten.jpg"
DOG = "animals/dog-german-shepherd.jpg"
_SEARCH = "**/api/search*"
_PATIENCE_SECONDS = 20
_NOTHING = {"matches": [], "cursor": None, "more": False, "terms": [], "bundle": ""}


def refuse(status: int, **headers: str) -> dict[str, Any]:
    problem = {"status": status, "title": "Refused", "detail": "The index is busy."}
    return {"status": status, "json": problem, "headers": headers}


def test_a_busy_index_is_asked_again_when_it_says_and_then_when_somebody_asks(site: Site) -> None:
    site.expect_fault("429|503")
    asked = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(**refuse(503, **{"Retry-After": "1"}))

    site.page.route(_SEARCH, answer)
    site.open(text="a cat")
    button = site.results.get_by_role("button", name="Try again")
    expect(site.results).to_contain_text("The index is busy.")
    expect(site.results).to_contain_text("Trying again in 1 s.")
    until(lambda: button.is_visible() and len(asked) == 4, "it stopped early", _PATIENCE_SECONDS)
    expect(site.results.get_by_text("Trying again in")).to_be_hidden()

    site.page.unroute(_SEARCH)
    button.click()

    expect(tile(site.results, CAT)).to_be_visible()
    expect(site.results).not_to_contain_text("The index is busy.")


def test_the_panel_asks_a_busy_index_again_by_itself(site: Site) -> None:
    site.expect_fault("429")
    refusals = [refuse(429, **{"Retry-After": "1"})]
    site.page.route(
        _SEARCH, lambda route: route.fulfill(**refusals.pop()) if refusals else route.continue_()
    )

    site.open(key=CAT)

    expect(tile(site.similar, KITTEN)).to_be_visible()
    assert refusals == []


def test_words_that_are_too_many_or_not_known_are_said(site: Site, user: User) -> None:
    found = user.http.get("/api/search", params={"text": "a cat"}).json()
    term = {"stored": False, "cut": True, "unknown_words": ["xqzv", "blorp"]}
    site.page.route(_SEARCH, lambda route: route.fulfill(json=found | {"terms": [term]}))
    site.open(text="a xqzv blorp")

    expect(site.results).to_contain_text("The model does not know “xqzv” or “blorp”.")
    expect(site.results).to_contain_text("its end is ignored")
    expect(tile(site.results, CAT)).to_be_visible()


def test_an_empty_index_finds_nothing_and_says_why(site: Site) -> None:
    site.page.route(_SEARCH, lambda route: route.fulfill(json=_NOTHING))

    site.open(text="a cat", key=CAT)

    expect(site.heading).to_have_text("Nothing found")
    expect(site.results).to_contain_text("No image is in the index yet.")
    expect(site.results.get_by_role("button", name="Clear filters")).to_have_count(0)
    expect(site.panel).to_contain_text("There are no similar images")
    expect_loaded(site.panel.locator("#picture").get_by_role("img", name=CAT))


@pytest.mark.parametrize("state", ["pending", "rejected"])
def test_similar_images_are_not_asked_for_where_there_can_be_none(
    site: Site, user: User, state: str
) -> None:
    rejection = {"reason": "too-many-pixels", "detail": "9 pixels; store a smaller copy"}
    image = user.image(CAT) | {"state": state} | rejection
    asked: list[str] = []
    site.on("request", lambda r: asked.append(r.url) if "/api/search" in r.url else None)
    site.page.route("**/api/image?*", lambda route: route.fulfill(json=image))

    site.open(key=CAT, crop="0.1,0.1,0.5,0.5")

    said = "Being indexed" if state == "pending" else "9 pixels; store a smaller copy."
    expect(site.panel).to_contain_text(said)
    expect(site.similar).to_be_hidden()
    expect(site.panel.get_by_role("button", name="Search a part")).to_be_disabled()
    assert asked == []


def test_an_image_that_is_indexed_while_it_is_looked_at_gets_its_neighbours(
    site: Site, user: User
) -> None:
    states = ["pending", "pending"]

    def answer(route: Route) -> None:
        state = states.pop() if states else "indexed"
        route.fulfill(json=user.image(CAT) | {"state": state})

    site.page.route("**/api/image?*", answer)
    site.open(key=CAT)

    expect(site.panel.get_by_text("Being indexed")).to_be_visible()
    expect_first(site.similar, KITTEN)
    expect(site.panel.get_by_text("Being indexed")).to_be_hidden()


def test_an_image_that_does_not_exist_is_said_to_be_missing(site: Site) -> None:
    site.expect_fault("404")
    site.open(key="no/such/image.jpg")
    expect(site.panel).to_contain_text("There is no such image.")
    expect(site.panel.get_by_role("button", name="Details")).to_be_hidden()

    site.panel.get_by_role("button", name="Back to the list").click()

    expect(site.panel).to_be_hidden()


def test_a_search_that_is_replaced_is_cancelled_and_nothing_of_it_comes_back(site: Site) -> None:
    site.expect_fault("ERR_ABORTED|503")
    refused = refuse(503, **{"Retry-After": "1"})
    site.page.route("**/api/search?text=a+horse*", lambda route: route.fulfill(**refused))
    site.open(text="a horse")
    expect(site.results).to_contain_text("Trying again in")
    cancelled: list[str] = []
    site.on("requestfailed", lambda request: cancelled.append(request.url))

    with site.holding("**/api/search?text=a+dog*"):
        site.search("a dog")
        expect(site.chips).to_have_text(re.compile("a dog"))
        site.search("a cat")
        expect_first(site.results, CAT)
        assert any("text=a+dog" in url for url in cancelled)
    site.page.wait_for_timeout(1500)  # longer than the first would have waited

    expect_first(site.results, CAT)
    expect(site.results).not_to_contain_text("The index is busy.")


def test_a_late_answer_for_one_image_does_not_show_beside_another(site: Site) -> None:
    site.open(key=CAT)
    expect_first(site.similar, KITTEN)

    with site.holding(f"**/api/search?key={DOG.replace('/', '%2F')}*"):
        tile(site.gallery, DOG).click()
        expect(site.panel.get_by_role("heading", name=DOG)).to_be_visible()
        tile(site.gallery, CAT).click()
        expect_first(site.similar, KITTEN)
    site.page.wait_for_load_state("networkidle")

    expect_first(site.similar, KITTEN)


def test_more_results_come_while_scrolling(site: Site, photographs: tuple[str, ...]) -> None:
    def ask_for_less(route: Route) -> None:
        route.continue_(url=route.request.url.replace("top_k=48", "top_k=5"))

    site.page.route(_SEARCH, ask_for_less)
    site.open(text="an animal")

    for key in photographs:
        tile(site.results, key).scroll_into_view_if_needed()
    assert len(keys(site.results)) == len(set(keys(site.results)))


def test_copies_are_stacked_and_their_number_lists_them(site: Site, user: User) -> None:
    site.expect_fault("404")  # they are deleted while they are on show
    copies = ["copies/one.jpg", "copies/two.jpg"]
    for key in copies:
        user.put(key, photograph("plants/flower-dahlia.jpg"))
    for key in copies:
        user.wait_until_indexed(key)
    shown = ["plants/flower-dahlia.jpg", *copies]
    site.open(text="a flower")

    button = site.results.get_by_role("button", name="2 near-identical images of")
    button.click()
    stack = site.page.get_by_role("dialog", name="2 near-identical images of")
    expect(stack.locator(".tile")).to_have_count(2)
    assert sum(key in keys(site.results) for key in shown) == 1
    assert set(keys(stack)) < set(shown)
    other = keys(stack)[0]
    tile(stack, other).click()

    expect(stack).to_be_hidden()
    expect(site.panel.get_by_role("heading", name=other)).to_be_visible()
    for key in copies:
        user.delete(key)


def test_the_heading_counts_strong_matches_and_less_certain_ones_stand_apart(
    site: Site, user: User
) -> None:
    found = user.http.get("/api/search", params={"text": "a cat"}).json()
    strengths = iter([0.9, 0.7, 0.4, 0.1])

    def answer(route: Route) -> None:
        matches = [
            match | {"score": strength, "strength": strength}
            for match, strength in zip(found["matches"], strengths, strict=False)
        ] or [found["matches"][0] | {"score": 0.1, "strength": 0.1}]
        scores = found["scores"] | {"certain": 0.5}
        route.fulfill(json=found | {"matches": matches, "scores": scores, "cursor": None})

    site.page.route(_SEARCH, answer)
    site.open(text="a cat")

    expect(site.heading).to_have_text("2 strong matches")
    expect(site.results.get_by_text("Less certain")).to_be_visible()
    tops = site.results.locator(".tile").evaluate_all(
        "tiles => tiles.map(t => t.getBoundingClientRect().top)"
    )
    divider = site.results.get_by_text("Less certain").bounding_box()
    assert divider is not None
    assert [top > divider["y"] for top in tops] == [False, False, True, True]
    expect(site.results.get_by_role("listitem").nth(2)).to_have_text("Less certain")

    site.search("xqzv blorp")

    expect(site.heading).to_have_text("Nothing close to “xqzv blorp”")
    expect(site.results).to_contain_text("Try everyday English words")
    expect(site.results.get_by_text("Less certain")).to_have_count(0)


def test_a_search_that_only_excludes_has_nothing_to_be_close_to(site: Site) -> None:
    site.open(image="-0.5:animals/cat-chelsea.jpg")

    expect(site.results.locator(".tile").first).to_be_visible()
    expect(site.heading).to_have_text("Images unlike cat-chelsea.jpg")
    expect(site.results.get_by_text("Less certain")).to_have_count(0)
    expect(site.results).not_to_contain_text("Try everyday English words")
