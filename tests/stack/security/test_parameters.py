"""Parameters that are unknown, repeated, encoded twice, or endless."""

from __future__ import annotations

import pytest

from tests.stack.raw import INSIDE, Raw, assert_refused


@pytest.mark.parametrize(
    "query",
    [
        "text=a&top_k=101",
        "text=a&top_k[]=1",
        "text=a&top_k=%00",
        "text=a&top_k=0x1",
        "text=a&top_k=1e1",
        "text=a&top_k=%EF%BC%91",
        "text=a&top_k=" + "9" * 5000,
        "text=a&admin=true",
        "text=a&namespace=other",
        "text=a&__proto__[x]=1",
        "text=a&TEXT=b",
        "text=a&text%00=b",
        "text[]=a",
        "text=a&=b",
        "text=a&text=",
        "text=a&%26=b",
        "text=a&sort=key'--",
        "text=a&cursor=%ff",
        "text=a&min_score=NaN",
        "text=a&relative=1e999",
        "text=a&uploaded_after=" + "9" * 20,
        "text=a&uploaded_after=%00",
        "text=a&content_type=" + "x" * 256,
        "text=a" + "&content_type=image/jpeg" * 11,
        "text=a&crop=0,0,1,1",
        "key=a&crop=nan,0,1,1",
        "key=a&crop=" + "0," * 1000,
        "key=" + "x" * 7000,
        "text=a" + "&not_text=a" * 50,
        "&".join(f"p{number}=1" for number in range(500)),
        "&" * 7000,
        "x" * 7000,
    ],
    ids=lambda query: f"{query[:30]} of {len(query)}",
)
def test_a_parameter_that_means_nothing_is_refused(query: str, raw: Raw) -> None:
    assert_refused(raw.send("GET", f"/api/search?{query}"))


@pytest.mark.parametrize(
    "query",
    [
        "/api/images?prefix=a&prefix=b",
        "/api/images?limit=1&limit=100",
        "/api/images?limit=1&limit=1000",
        "/api/images?cursor=a&cursor=b",
        "/api/images?folders=true&folders=false",
        "/api/images?prefix=a&%70refix=b",
        "/api/duplicates?folder=a/&folder=b/",
        "/api/duplicates?cursor=a&cursor=b",
        "/api/map?folder=a/&folder=b/",
        "/api/search?text=a&top_k=1&top_k=100000",
        "/api/search?text=a&top_k=100000&top_k=1",
        "/api/search?text=a&folder=a/&folder=b/",
        "/api/search?text=a&folder=b/&folder=a/",
        "/api/search?text=a&min_width=1&min_width=1000000",
        "/api/search?text=a&min_width=1000000&min_width=1",
        "/api/search?text=a&min_score=-1&min_score=1",
        "/api/search?text=a&cursor=&cursor=x",
        "/api/search?text=a&cursor=x&cursor=",
        "/api/search?text=a&collapse=false&collapse=true",
        "/api/images/kept.jpg?key=other.jpg",
        "/api/health?reads=open",
    ],
)
def test_a_parameter_that_contradicts_itself_or_the_path_is_refused(query: str, raw: Raw) -> None:
    assert_refused(raw.send("GET", query))


@pytest.mark.parametrize(
    "text",
    [
        *("a%26admin%3Dtrue", "a;admin=true", "a%3Badmin=true", "a%26top_k%3D100000"),
        *("a%00%26admin=true", "a?admin=true", "a%23%26admin=true", "a%0d%0aadmin:%20true"),
    ],
)
def test_a_separator_that_is_encoded_separates_nothing(text: str, raw: Raw) -> None:
    answer = raw.send("GET", f"/api/search?text={text}")

    assert (answer.status, len(answer.json["terms"])) == (200, 1)


@pytest.mark.parametrize("query", ["%74ext=a&te%78t=b", "&&text=a&&text=b&", "text=a&text=%62#c"])
def test_a_name_in_another_encoding_is_the_same_name(query: str, raw: Raw) -> None:
    answer = raw.send("GET", f"/api/search?{query}")

    assert (answer.status, len(answer.json["terms"])) == (200, 2)


@pytest.mark.parametrize(
    "text",
    [
        *("%C0%AF", "%ff%fe", "%ed%a0%80", "%u0041", "%zz", "%", "%%%", "%2525", "%e2%80%ae"),
        *("%00", "%61" * 5000, "a" * 15_000, "a+" * 3000, "%cc%81" * 2000, "%f0%9f%98%80" * 1000),
    ],
    ids=lambda text: text[:20],
)
def test_any_letters_are_words_or_refused(text: str, raw: Raw) -> None:
    answer = raw.send("GET", f"/api/search?text={text}")

    assert answer.status in (200, 414, 422)
    assert not INSIDE.search(answer.body)
