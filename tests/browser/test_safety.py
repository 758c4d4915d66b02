"""Keys that try to be more than text, and the policy that would stop them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from local.user import User
from tests.browser.conftest import photograph
from tests.browser.site import Site, expect_loaded, tile

KEYS = [
    "<img src=x onerror=alert(1)>.jpg",
    "?key=a&text=b#c/%2e%2e/a+b%2B 50% ü 😀.jpg",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_key_is_text_whatever_it_looks_like(site: Site, user: User, key: str) -> None:
    user.put(key, photograph("things/drums-bata.jpg"))
    user.wait_until_indexed(key)
    site.open()

    expect_loaded(tile(site.gallery, key).get_by_role("img"))
    tile(site.gallery, key).click()
    expect(site.panel.get_by_role("heading", name=key, exact=True)).to_be_visible()
    expect_loaded(site.panel.locator("#picture").get_by_role("img", name=key, exact=True))
    expect(site.similar.locator(".tile").first).to_be_visible()
    site.page.reload()
    expect_loaded(site.panel.locator("#picture").get_by_role("img", name=key, exact=True))
    site.panel.get_by_role("button", name="More like this").click()
    expect(site.chips).to_have_count(1)
    expect(site.page.locator("#title img, #chips img")).to_have_count(0)
    site.page.go_back()
    site.delete_selected()

    expect(site.notice(key.rpartition("/")[2])).to_be_visible()
    expect(tile(site.gallery, key)).to_have_count(0)


def test_words_are_text_whatever_they_look_like(site: Site) -> None:
    site.open(text="<img src=x onerror=alert(1)>")

    expect(site.chips).to_contain_text("“<img src=x onerror=alert(1)>”")
    expect(site.results.locator(".tile").first).to_be_visible()


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        ("script", {"textContent": "globalThis.ran = true"}),
        ("script", {"src": "https://elsewhere.example/script.js"}),
        ("img", {"src": "https://elsewhere.example/pixel.png"}),
    ],
)
def test_the_policy_blocks_what_the_page_does_not_need(
    site: Site, tag: str, attributes: dict[str, str]
) -> None:
    site.expect_fault("Content.Security.Policy")
    site.open()
    expect(tile(site.gallery, "animals/cat-chelsea.jpg")).to_be_visible()

    with site.page.expect_console_message(lambda m: "Content-Security-Policy:" in m.text):
        site.page.evaluate(
            "([tag, attributes]) =>"
            " void document.body.append(Object.assign(document.createElement(tag), attributes))",
            [tag, attributes],
        )

    assert site.page.evaluate("globalThis.ran") is None
