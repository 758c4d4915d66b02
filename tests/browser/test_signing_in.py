"""A page that asks who one is: to see anything, or only to upload and delete."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import boto3
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from local.service import free_port
from local.stack import LocalStack, account, deploy, log_of, parameters
from local.user import User, until
from tests.browser.axe import violations
from tests.browser.conftest import new_context, photograph
from tests.browser.site import DESKTOP, PHONE, Site, expect_loaded, tile
from tests.stack.visitor import PASSWORD, Visitor

CAT = "animals/cat-chelsea.jpg"
OWL = "animals/bird-owl.jpg"
_PATIENCE_MS = 20_000
# Whatever a page may keep, and the address that others could read.
_KEPT = (
    "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
)

# Deploys a stack of this name whose reading asks for this.
Deploy = Callable[[str, str], LocalStack]


@dataclass
class Place:
    """A stack, and somebody with an account there."""

    local: LocalStack
    visitor: Visitor


@pytest.fixture(scope="module")
def deployed(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deploy]:
    """An account of the emulator, for stacks beside each other."""
    data = tmp_path_factory.mktemp("signing-in")
    port, index_port = free_port(), free_port()

    def deployed(name: str, reads: str) -> LocalStack:
        given = parameters(index_port) | {"Reads": reads, "Writes": "signed-in"}
        stack = deploy(name, tiny_bundle, given, port)
        return LocalStack(stack, port, index_port, log_of(data))

    with account(data, port, index_port):
        yield deployed


def signed_in(local: LocalStack, visitor: Visitor) -> User:
    user = User(local)
    user.http.headers["Authorization"] = f"Bearer {visitor.token()}"
    return user


def place(local: LocalStack) -> Place:
    pool = local.stack.outputs["Users"]
    listed = boto3.client("cognito-idp").list_user_pool_clients(UserPoolId=pool)
    (client,) = listed["UserPoolClients"]
    visitor = Visitor(pool, client["ClientId"], f"http://127.0.0.1:{local.port}")
    visitor.invite()
    user = signed_in(local, visitor)
    for key in (CAT, OWL):
        user.put(key, photograph(key))
        user.wait_until_indexed(key)
    return Place(local, visitor)


@pytest.fixture(scope="module")
def closed(deployed: Deploy) -> Place:
    """Shows nothing to strangers."""
    return place(deployed("closed", "signed-in"))


@pytest.fixture(scope="module")
def readable(deployed: Deploy) -> Place:
    """Shows its images to everybody."""
    return place(deployed("readable", "open"))


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One for these tests, which may reload the emulator's form: it has no icon to ask for."""
    with new_context(browser, viewport=DESKTOP) as context:
        context.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        yield context.new_page()


def visit(page: Page, address: str) -> Iterator[Site]:
    """The page in a browser that knows nobody."""
    page.context.clear_cookies()
    with Site(page, f"{address}/") as site:
        site.expect_fault("401")  # browsers report it, whatever a page makes of it
        yield site
    assert site.unexpected_faults() == []


@pytest.fixture
def site(page: Page, closed: Place) -> Iterator[Site]:
    yield from visit(page, closed.local.url)


@pytest.fixture
def open_site(page: Page, readable: Place) -> Iterator[Site]:
    yield from visit(page, readable.local.url)


def press_sign_in(site: Site) -> None:
    site.page.get_by_role("main").get_by_role("button", name="Sign in").click()


def fill_form(site: Site, place: Place) -> None:
    """What Cognito's page asks for."""
    site.page.get_by_label("Username").fill(place.visitor.name)
    site.page.get_by_label("Password").fill(PASSWORD)
    site.page.get_by_role("button", name="Sign in").click()


def sign_in(site: Site, place: Place, **query: str) -> None:
    site.open(**query)
    press_sign_in(site)
    fill_form(site, place)
    expect(account_button(site)).to_be_visible()


def account_button(site: Site) -> Locator:
    return site.page.get_by_role("button", name="Signed in as somebody@example.com")


def sign_out(site: Site) -> None:
    account_button(site).click()
    site.page.get_by_role("button", name="Sign out").click()
    expect_shut(site)  # the page has come back from the provider, and navigates no more


def expect_shut(site: Site) -> None:
    expect(site.page.get_by_role("heading", name="Sign in to see the images")).to_be_visible()


def test_a_stranger_sees_that_the_images_take_a_sign_in_and_no_image(site: Site) -> None:
    site.open()

    expect_shut(site)
    expect(site.page.locator("img")).to_have_count(0)
    expect(site.search_box).to_be_hidden()
    expect(site.page.get_by_label("Upload images")).to_be_hidden()


def test_axe_finds_nothing_on_a_page_that_is_shut(site: Site) -> None:
    site.open(key=CAT)
    expect_shut(site)

    assert violations(site.page) == []


def test_who_signs_in_sees_the_images(site: Site, closed: Place) -> None:
    sign_in(site, closed)

    expect_loaded(tile(site.gallery, CAT).get_by_role("img"))
    tile(site.gallery, CAT).click()
    expect_loaded(site.panel.locator("#picture").get_by_role("img", name=CAT, exact=True))
    expect_loaded(site.similar.get_by_role("img", name=OWL))


def test_who_signs_in_comes_back_to_where_they_were(site: Site, closed: Place) -> None:
    site.page.set_viewport_size(PHONE)  # the panel would cover the page
    site.open(text="a picture", key=OWL)
    address = site.page.url

    press_sign_in(site)
    fill_form(site, closed)

    expect(site.panel.get_by_role("heading", name=OWL)).to_be_visible()
    assert site.page.url == address


def test_tokens_are_nowhere_in_the_browser_and_neither_is_what_asked_for_them(
    site: Site, closed: Place
) -> None:
    answers: list[dict[str, str]] = []
    sent: list[str] = []
    site.on("response", lambda r: answers.append(r.json()) if "/oauth2/token" in r.url else None)
    site.on("request", lambda r: sent.append(r.headers.get("authorization", "")))

    sign_in(site, closed)
    expect(tile(site.gallery, CAT)).to_be_visible()

    kept = site.page.evaluate(_KEPT)
    (tokens,) = answers
    assert f"Bearer {tokens['access_token']}" in sent
    assert json.loads(kept) == [{}, {"sign-in": "done"}, "", site.address]


def test_an_image_can_be_uploaded_found_and_deleted_by_who_signed_in(
    site: Site, closed: Place
) -> None:
    sign_in(site, closed)

    row = site.choose_file("panda.jpg", photograph("animals/panda.jpg"))
    expect(row).to_contain_text("Can be found")
    expect_loaded(tile(site.gallery, "panda.jpg").get_by_role("img"))
    tile(site.gallery, "panda.jpg").click()
    expect(tile(site.similar, CAT)).to_be_visible()
    site.delete_selected()
    with site.page.expect_response(lambda r: r.request.method == "DELETE") as deleted:
        site.page.get_by_role("button", name="Dismiss").last.click()

    assert deleted.value.status == 204


def test_a_deletion_that_could_be_undone_is_carried_out_before_signing_out(
    site: Site, closed: Place
) -> None:
    user = signed_in(closed.local, closed.visitor)
    user.put("left.jpg", photograph("food/spices.jpg"))
    user.wait_until_indexed("left.jpg")
    sign_in(site, closed, key="left.jpg")

    site.delete_selected()
    sign_out(site)

    until(lambda: user.state("left.jpg") == (None, None), "it is stored", _PATIENCE_MS / 1000)


def test_signing_out_forgets_everything(site: Site, closed: Place) -> None:
    sign_in(site, closed, text="a picture")
    expect(tile(site.results, CAT)).to_be_visible()

    sign_out(site)

    expect_shut(site)
    assert json.loads(site.page.evaluate(_KEPT)) == [{}, {}, "", site.address]
    site.page.reload()
    expect_shut(site)


def test_a_page_that_is_loaded_again_asks_the_provider_and_not_the_person(
    site: Site, closed: Place
) -> None:
    sign_in(site, closed, prefix="animals/")
    expect(tile(site.gallery, CAT)).to_be_visible()
    address = site.page.url

    # Cognito knows the person by its own cookie and answers at once; the emulator shows its form.
    site.page.reload()
    fill_form(site, closed)

    expect(tile(site.gallery, CAT)).to_be_visible()
    assert site.page.url == address


def test_a_browser_that_stores_nothing_is_said_to_be_why(site: Site) -> None:
    site.run_first("""Object.defineProperty(window, "sessionStorage", {
        get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
    })""")
    site.open()

    press_sign_in(site)

    expect(site.notice("your browser forbids it")).to_be_visible()


def test_who_comes_back_without_having_signed_in_is_not_sent_away_again(site: Site) -> None:
    site.open()
    press_sign_in(site)
    expect(site.page.get_by_label("Password")).to_be_visible()

    site.page.go_back()

    expect_shut(site)
    site.page.reload()
    expect_shut(site)


@pytest.mark.parametrize("answer", ["?code=stolen&state=other", "?error=access_denied&state=other"])
def test_an_answer_that_was_not_asked_for_signs_nobody_in(site: Site, answer: str) -> None:
    site.page.goto(site.address + answer)
    expect_shut(site)

    site.open()
    press_sign_in(site)
    expect(site.page.get_by_label("Password")).to_be_visible()
    site.page.goto(site.address + answer)

    expect_shut(site)
    expect(site.page.get_by_role("list", name="Notices")).to_contain_text("You are not signed in.")
    assert json.loads(site.page.evaluate(_KEPT)) == [{}, {}, "", site.address]


def test_a_refused_sign_in_says_so_and_leads_back(site: Site) -> None:
    def refuse(route: Route) -> None:
        (state,) = parse_qs(route.request.url)["state"]
        location = f"{site.address}?error=access_denied&state={state}"
        route.fulfill(status=302, headers={"location": location})

    site.page.route("**/oauth2/authorize?*", refuse)
    site.open(key=CAT)
    address = site.page.url

    press_sign_in(site)

    expect(site.page.get_by_role("list", name="Notices")).to_contain_text("You are not signed in.")
    expect_shut(site)
    assert site.page.url == address


def issue(site: Site, **change: object) -> list[dict[str, list[str]]]:
    """Let tokens end sooner than the provider says. Returns what was asked for."""
    asked: list[dict[str, list[str]]] = []

    def answer(route: Route) -> None:
        asked.append(parse_qs(route.request.post_data or ""))
        response = route.fetch()
        route.fulfill(response=response, json=response.json() | change)

    site.page.route("**/oauth2/token", answer)
    return asked


def test_a_token_that_is_about_to_end_is_renewed(site: Site, closed: Place) -> None:
    asked = issue(site, expires_in=30)
    sign_in(site, closed)
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.search("a picture")
    expect(tile(site.results, CAT)).to_be_visible()

    kinds = [fields["grant_type"][0] for fields in asked]
    assert kinds[0] == "authorization_code"
    assert set(kinds[1:]) == {"refresh_token"}
    assert site.page.get_by_label("Password").count() == 0


def test_a_sign_in_that_has_ended_is_asked_for_again(site: Site, closed: Place) -> None:
    sign_in(site, closed)
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.page.route("**/api/**", lambda route: route.fulfill(status=401, json={}))
    site.search("a picture")

    expect_shut(site)
    expect(site.page.locator("img:visible")).to_have_count(0)
    assert "text=a+picture" in site.page.url


def test_a_renewal_that_the_network_stops_ends_nothing(site: Site, closed: Place) -> None:
    site.expect_fault("ERR_FAILED")
    issue(site, expires_in=30)
    sign_in(site, closed)
    expect(tile(site.gallery, CAT)).to_be_visible()

    site.page.unroute_all()
    site.page.route("**/oauth2/token", lambda route: route.abort())
    site.search("a picture")
    expect(site.results).to_contain_text("The server cannot be reached.")
    site.page.unroute_all()
    site.results.get_by_role("button", name="Try again").click()

    expect(tile(site.results, CAT)).to_be_visible()


def test_images_for_everybody_are_there_without_a_sign_in(open_site: Site) -> None:
    open_site.open(key=CAT)

    expect_loaded(tile(open_site.gallery, CAT).get_by_role("img"))
    expect(open_site.page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(open_site.panel.get_by_role("link", name="Download")).to_be_visible()
    open_site.open_details()
    expect(open_site.panel.get_by_role("button", name="Copy key")).to_be_visible()
    expect(open_site.panel.get_by_role("button", name="Delete")).to_be_hidden()


def test_uploading_asks_to_sign_in_first(open_site: Site, readable: Place) -> None:
    open_site.open(prefix="animals/")
    notices = open_site.page.get_by_role("list", name="Notices")
    expect(open_site.page.get_by_role("button", name="Sign in")).to_be_visible()

    open_site.page.get_by_text("Upload", exact=False).first.click()
    expect(notices).to_contain_text("Sign in to upload images.")
    notices.get_by_role("button", name="Sign in").click()
    fill_form(open_site, readable)
    expect(account_button(open_site)).to_be_visible()
    row = open_site.choose_file("lynx.jpg", photograph("animals/panda.jpg"))

    expect(row).to_contain_text("Can be found")
    expect(tile(open_site.gallery, "animals/lynx.jpg")).to_be_visible()


def test_dropping_a_file_asks_to_sign_in_first(open_site: Site, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(photograph(CAT))
    open_site.open()
    expect(open_site.page.get_by_role("button", name="Sign in")).to_be_visible()

    session = open_site.page.context.new_cdp_session(open_site.page)
    data = {"items": [], "files": [str(tmp_path / "a.jpg")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 500, "data": data})

    notices = open_site.page.get_by_role("list", name="Notices")
    expect(notices).to_contain_text("Sign in to upload images.")
    expect(tile(open_site.gallery, CAT)).to_be_visible()


def test_images_for_everybody_stay_when_a_sign_in_ends(open_site: Site, readable: Place) -> None:
    open_site.open()
    open_site.page.get_by_role("button", name="Sign in").click()
    fill_form(open_site, readable)
    expect(account_button(open_site)).to_be_visible()

    open_site.page.route("**/api/uploads", lambda route: route.fulfill(status=401, json={}))
    row = open_site.choose_file("late.jpg", photograph(CAT))

    expect(row).to_contain_text("Sign in first.")
    notices = open_site.page.get_by_role("list", name="Notices")
    expect(notices).to_contain_text("Your sign-in has ended.")
    expect(tile(open_site.gallery, CAT)).to_be_visible()


def test_a_page_that_asks_nobody_loads_nothing_of_it(open_site: Site, readable: Place) -> None:
    asked: list[str] = []
    open_site.on("request", lambda request: asked.append(request.url))
    health = readable.local.client().get("/api/health").json()
    health |= {"writes": "open", "sign_in": None}
    open_site.page.route("**/api/health", lambda route: route.fulfill(json=health))

    open_site.open()
    expect(open_site.page.locator("#footer")).to_contain_text("Anyone")

    assert [url for url in asked if re.search("account/(account|auth)|oauth", url)] == []
    expect(open_site.page.get_by_role("button", name="Sign in")).to_have_count(0)
