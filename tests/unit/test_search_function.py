"""The routes of the API: requests and responses."""

import base64
import hashlib
from urllib.parse import quote

import pytest

from image_search.decoding import MAX_IMAGE_BYTES
from image_search.errors import ArchivedError, EncryptedError
from image_search.thumbnails import thumbnail_key
from search_api import requests
from tests.unit.api import problem
from tests.unit.images import flat
from tests.unit.records import record


def test_words_are_searched(api):
    answer = api.get("/api/search", text="red")

    assert answer.status == 200
    assert answer.content_type == "application/json"
    assert {match["key"] for match in answer.body["matches"]} == {"red", "dir/ä b+.png"}
    assert answer.body["bundle"] == "tiny-fp32-00000000"
    assert answer.body["timings_ms"].keys() == {"embed", "query"}
    assert answer.body["terms"] == [{"stored": False, "cut": False, "unknown_words": None}]
    assert (answer.body["more"], answer.body["cursor"]) == (False, None)
    scores = [match["score"] for match in answer.body["matches"]]
    assert scores == sorted(scores, reverse=True)


def test_a_match_has_all_metadata_of_its_image(api):
    (match,) = api.get("/api/search", key="red", top_k="1").body["matches"]

    stored = api.world.vectors.records["dir/ä b+.png"].metadata
    hidden = ("schema_version", "preview")
    known = {name: value for name, value in vars(stored).items() if name not in hidden}
    known["colors"] = list(stored.colors)
    assert {name: match[name] for name in known} == known
    assert match["state"] == "indexed"
    assert match["url"] == f"/images/{quote('dir/ä b+.png')}?v={stored.etag}"
    assert match["thumbnail_url"] == f"/{thumbnail_key(stored.key)}?v={stored.etag}"
    assert -1 <= match["score"] <= 1


def keys(answer):
    return [match["key"] for match in answer.body["matches"]]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "red, green",
            "a+b & c=d",
            "100 %",
            "ünï 日本 🏔",
            "#?",
            "a\0&admin=true",
            "a\r\nadmin: 1",
        ),
        *("\u202ea", "a " * 3000 + "a", "\u0301" * 2000),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_words_are_searched_as_they_are_written(text, api):
    (asked,) = requests.SearchParameters(text=[text]).terms()

    assert asked.text == text
    answers = (
        api.get("/api/search", text=text),
        api.post("/api/search", {"terms": [{"text": text}]}),
    )
    assert answers[0].body["matches"] == answers[1].body["matches"]


def test_text_that_is_longer_than_the_model_reads_is_reported_as_cut(api):
    answer = api.post("/api/search", {"terms": [{"text": "word " * 10_000}, {"key": "red"}]})

    assert [(term["stored"], term["cut"]) for term in answer.body["terms"]] == [
        (False, True),
        (True, False),
    ]


def test_terms_of_an_address_count_as_those_of_a_body(api):
    simple = api.get(
        "/api/search", text=["a", "b"], key="red", not_text="c", not_key="new", top_k="5"
    )
    terms = [
        *({"text": "a"}, {"text": "b"}, {"key": "red"}),
        *({"text": "c", "weight": -1}, {"key": "new", "weight": -1}),
    ]
    full = api.post("/api/search", {"terms": terms, "top_k": 5})

    assert simple.body["matches"] == full.body["matches"]
    assert keys(simple) == ["dir/ä b+.png"]


def test_a_part_of_an_image_is_searched_by(api):
    crop = api.get("/api/search", key="red", crop="0,0,.5,.5")

    assert [term["stored"] for term in crop.body["terms"]] == [False]
    assert keys(crop) == ["dir/ä b+.png"]


def test_an_image_in_the_request_is_searched_by(api):
    image = base64.b64encode(flat("red")).decode()

    answer = api.post("/api/search", {"terms": [{"image": image, "crop": [0, 0, 1, 0.5]}]})

    assert keys(answer)[0] == "red"
    assert answer.body["matches"][0]["score"] == pytest.approx(1, abs=1e-3)


def test_pages_follow_each_other(api):
    api.world.vectors.upsert([record(n, key=f"{n:02}") for n in range(40)])
    query, found = {"text": "red", "top_k": "15"}, []

    while True:
        page = api.get("/api/search", **query).body
        found += [match["key"] for match in page["matches"]]
        if not page["more"]:
            break
        query["cursor"] = page["cursor"]

    assert page["cursor"] is None
    assert len(found) == len(set(found)) == 42


def test_duplicates_are_listed_under_the_better_match_when_asked(api):
    api.world.images.put("red 2", flat("red"))
    api.world.states("red 2")
    query = {"key": "dir/ä b+.png", "collapse": "true"}

    (match,) = api.get("/api/search", **query).body["matches"]

    assert {match["key"], match["duplicates"][0]["key"]} == {"red", "red 2"}


def test_a_filter_narrows_a_search(api):
    assert keys(api.get("/api/search", text="red", folder="dir/")) == ["dir/ä b+.png"]
    narrowed = {"terms": [{"text": "red"}], "filter": {"folder": "dir/"}}
    assert keys(api.post("/api/search", narrowed)) == ["dir/ä b+.png"]


def test_stages_are_reported_to_the_browser_s_tools(api):
    answer = api.get("/api/search", key="new")

    stages = [part.split(";")[0] for part in answer.headers["Server-Timing"].split(", ")]
    assert set(stages) == {"read", "decode", "embed", "query"}


def test_duplicates_are_listed(api):
    api.world.images.put("red 2", flat("red"))
    api.world.states("red 2")

    page = api.get("/api/duplicates").body

    assert [[image["key"] for image in group] for group in page["groups"]] == [["red", "red 2"]]
    assert page["cursor"] is None
    assert 0 < page["threshold"] < 1


def test_a_folder_is_listed_with_the_folders_in_it(api):
    top = api.get("/api/images", folders="true").body
    inside = api.get("/api/images", folders="true", prefix="dir/").body

    assert top["folders"] == ["dir/"]
    assert [image["key"] for image in top["images"]] == ["new", "red", "text"]
    assert (inside["folders"], len(inside["images"])) == ([], 1)


@pytest.mark.parametrize(
    ("query", "count"), [({"top_k": "1"}, 1), ({"top_k": "100"}, 100), ({}, 24)]
)
def test_as_many_matches_are_returned_as_requested_or_24(query, count, api):
    api.world.vectors.upsert([record(n % 48, key=str(n)) for n in range(120)])

    assert len(api.get("/api/search", text="red", **query).body["matches"]) == count


def test_the_gallery_is_paged(api):
    first = api.get("/api/images", limit="2").body
    second = api.get("/api/images", limit="2", cursor=first["cursor"]).body

    assert [image["key"] for image in first["images"]] == ["dir/ä b+.png", "new"]
    assert [image["key"] for image in second["images"]] == ["red", "text"]
    assert second["cursor"] is None
    prefixed = api.get("/api/images", prefix="dir/").body["images"]
    assert [image["key"] for image in prefixed] == ["dir/ä b+.png"]


def test_rejected_images_are_listed(api):
    (image,) = api.get("/api/images", state="rejected").body["images"]

    assert (image["key"], image["reason"]) == ("text", "not-a-readable-image")
    other = api.get("/api/images", state="rejected", reason="too-many-bytes").body
    assert (other["images"], other["cursor"]) == ([], None)


@pytest.mark.parametrize(
    "query", [{"reason": "x"}, {"state": "indexed"}, {"state": "rejected", "folders": "true"}]
)
def test_a_contradictory_listing_is_refused(query, api):
    assert api.get("/api/images", **query).status == 422


def test_an_indexed_image_is_reported(api):
    image = api.get("/api/image", key="red").body

    assert (image["key"], image["state"], image["reason"]) == ("red", "indexed", None)
    assert (image["width"], image["height"]) == (8, 6)
    assert image["thumbnail_url"].startswith("/thumbs/")


REJECTED = {"state": "rejected", "reason": "not-a-readable-image"}
REJECTED["detail"] = (
    "no image can be read in the file (UnidentifiedImageError); "
    "save it as JPEG or PNG and upload that"
)


@pytest.mark.parametrize(("key", "state"), [("new", {"state": "pending"}), ("text", REJECTED)])
def test_an_image_that_is_not_indexed_is_reported(key, state, api):
    info = api.world.images.info(key)

    image = api.get("/api/image", key=key).body

    stored = {"key": key, "etag": info.etag, "size": info.size, "uploaded_at": info.uploaded_at}
    known = stored | {"url": f"/images/{key}?v={info.etag}", "colors": []}
    assert {name: value for name, value in image.items() if value is not None} == known | state


@pytest.mark.parametrize("error", [ArchivedError, EncryptedError])
def test_an_image_that_cannot_be_read_yet_is_reported_deleted_and_indexed_when_it_can(error, api):
    api.world.images.put("kept", flat())

    def refuse(operation, key):
        if operation == "read":
            raise error(key)

    api.world.images.watch = refuse
    assert api.world.states("kept") == {"kept": "rejected"}
    image = api.get("/api/image", key="kept").body
    api.world.images.watch = lambda *_: None

    assert (image["state"], image["reason"]) == ("rejected", error.reason)
    assert api.world.states("kept") == {"kept": "indexed"}
    assert api.get("/api/image", key="kept").body["state"] == "indexed"
    assert api.delete("kept").status == 204


def test_a_deleted_image_is_gone_and_the_others_stay(api):
    before = set(api.world.images.data)

    answer = api.delete("red")

    assert (answer.status, answer.text) == (204, "")
    assert api.world.images.data.keys() == before - {"red"}


def test_an_upload_is_signed(api):
    request = {"key": "up/load.jpg", "content_type": "image/jpeg", "size": 100}

    answer = api.post("/api/uploads", request)

    assert answer.status == 201
    assert answer.body == {
        "url": "https://fake.example/up/load.jpg?100",
        "headers": {"Content-Type": "image/jpeg", "If-None-Match": "*"},
    }


def test_an_upload_is_signed_for_the_content_that_has_a_checksum(api):
    digest = base64.b64encode(hashlib.sha256(b"test").digest()).decode()
    request = {"key": "a.jpg", "content_type": "image/jpeg", "size": 4, "sha256": digest}

    answer = api.post("/api/uploads", request)

    assert answer.body["headers"]["x-amz-checksum-sha256"] == digest


def test_an_image_replaces_the_one_whose_etag_is_given(api):
    etag = api.world.images.info("red").etag
    request = {"key": "red", "content_type": "image/jpeg", "size": 100, "replace": etag}

    answer = api.post("/api/uploads", request)

    assert answer.status == 201
    assert answer.body["headers"] == {"Content-Type": "image/jpeg", "If-Match": f'"{etag}"'}


@pytest.mark.parametrize("key", ["red", "gone"])
def test_an_image_that_changed_in_the_meantime_is_not_replaced(key, api):
    request = {"key": key, "content_type": "image/jpeg", "size": 100, "replace": "another"}

    answer = api.post("/api/uploads", request)

    assert problem(answer) == (409, "image-changed")
    assert api.world.images.count_of("put_object") == 0


def test_health_reports_bundle_index_and_settings(api):
    answer = api.get("/api/health")

    assert answer.status == 200
    assert answer.body["status"] == "ok"
    reported = answer.body["bundle"]
    assert (reported["id"], reported["name"], reported["dimension"]) == (
        "tiny-fp32-00000000",
        "tiny",
        48,
    )
    assert (reported["precision"], reported["processor"], reported["notice"]) == ("fp32", "any", "")
    assert reported["self_test_cosine"] == 1
    assert reported["fidelity"]["text"]["cosine_worst"] == 1
    assert reported["scores"]["words"]["certain"] == 0.4
    assert answer.body["index"] == {"count": 2}
    assert answer.body["images_bucket"] == "images"
    assert (answer.body["reads"], answer.body["writes"]) == ("open", "off")
    assert answer.body["sign_in"] is None
    assert "secret" not in answer.text


@pytest.mark.parametrize("heic", ["on", "off"])
def test_health_lists_accepted_formats_and_remedies_for_the_others(heic, new_api):
    uploads = new_api(heic=heic).get("/api/health").body["uploads"]

    assert uploads["max_bytes"] == MAX_IMAGE_BYTES
    assert uploads["content_types"]["jpg"] == "image/jpeg"
    assert uploads["unread"]["psd"] == "Photoshop files are not read; export it as JPEG or PNG"
    assert ("heic" in uploads["content_types"], "heic" in uploads["unread"]) == (
        heic == "on",
        heic == "off",
    )


def test_a_file_of_every_content_type_that_health_names_may_be_uploaded(api):
    for name, content_type in api.get("/api/health").body["uploads"]["content_types"].items():
        request = {"key": f"new.{name}", "content_type": content_type, "size": 100}
        assert api.post("/api/uploads", request).status == 201


@pytest.fixture
def closed_api(new_api):
    """The API of a stack on which everybody must sign in."""
    return new_api(
        reads="signed-in",
        signed_urls=True,
        sign_in_client="client",
        sign_in_issuer="https://issuer.example/pool",
        sign_in_url="https://sign-in.example",
    )


def test_health_reports_where_to_sign_in(closed_api):
    health = closed_api.get("/api/health").body

    assert health["reads"] == "signed-in"
    assert health["sign_in"] == {
        "client": "client",
        "issuer": "https://issuer.example/pool",
        "url": "https://sign-in.example",
    }


def test_images_come_from_signed_urls_where_reading_requires_a_sign_in(closed_api):
    answer = closed_api.get("/api/search", key="red")

    (match,) = answer.body["matches"]
    assert match["url"] == "https://fake.example/dir/ä b+.png?signature"
    assert match["thumbnail_url"].startswith("https://fake.example/thumbs/")
    assert match["thumbnail_url"].endswith("?signature")
    assert answer.headers["Cache-Control"] == "private, max-age=10"
