"""The services of a process are made from its settings, each when it is needed."""

from dataclasses import replace

import boto3
import pytest

from image_search.consistency import MISSING
from image_search.errors import ImageNotFoundError, OutsidePrefixError
from image_search.query import Query, Stored, Words
from image_search.services import Services
from image_search.versions import Place, Versions
from image_search.walk import compare
from tests.tiny_bundle import DIMENSION
from tests.unit.images import flat
from tests.unit.settings import settings

COLOURS = {"a/ü b.png": (255, 0, 0), "c.png": (255, 60, 60), "d.png": (0, 255, 0)}


@pytest.fixture
def deployed(index_server, new_bucket, tiny_bundle):
    """The settings of a stack that has a bundle, an index and an API key."""
    new_bucket("images")
    new_bucket("thumbnails")
    model = new_bucket("model")
    for file in tiny_bundle.iterdir():
        for name in ("tiny-fp32-00000000", "other"):
            model.write(f"{name}/{file.name}", file.read_bytes(), "text/plain")
    boto3.client("secretsmanager").create_secret(Name="pinecone", SecretString="any")
    return {"index_host": f"{index_server.url}/data/unit", "pinecone_secret": "pinecone"}


@pytest.fixture
def services(deployed):
    return Services.from_settings(settings(**deployed))


def test_an_uploaded_image_is_indexed_listed_and_found(services):
    for key, colour in COLOURS.items():
        services.images.write(key, flat(colour), "image/png")

    (indexer,) = services.indexers()
    outcomes = indexer.reconcile([*COLOURS, "gone"])

    assert [outcomes[key].state for key in sorted(outcomes)] == [*["indexed"] * 3, "deleted"]
    page, _ = services.gallery().page("", "", 10)
    assert [(image.info.key, image.state) for image in page] == [
        (key, "indexed") for key in COLOURS
    ]
    found = services.searcher().search(Query((Stored("a/ü b.png"),))).matches
    assert [match.metadata.key for match in found] == ["c.png", "d.png"]
    assert len(services.searcher().search(Query((Words("red"),), top_k=2)).matches) == 2


def test_two_bundles_are_indexed_in_two_namespaces(deployed):
    services = Services.from_settings(settings(**deployed, other_bundle="other"))
    services.images.write("a.png", flat(), "image/png")

    searched, other = services.indexers()
    other.reconcile(["a.png"])

    assert list(other.vectors.fetch(["a.png"])) == ["a.png"]
    assert searched.vectors.fetch(["a.png"]) == {}
    other.vectors.drop()
    assert other.vectors.fetch(["a.png"]) == {}


def test_two_stacks_share_an_index_and_a_bundle_and_no_record(deployed, new_bucket):
    new_bucket("others")
    ours = Services.from_settings(settings(**deployed))
    theirs = Services.from_settings(settings(**deployed, images_bucket="others"))
    ours.images.write("shared.png", flat(), "image/png")

    (indexer,) = ours.indexers()
    indexer.reconcile(["shared.png"])

    assert list(ours.vectors.fetch(["shared.png"])) == ["shared.png"]
    assert theirs.vectors.fetch(["shared.png"]) == {}


@pytest.fixture
def part(deployed, services):
    """A stack that uses what begins with 2024/ of a bucket that has more, all of it indexed."""
    for key in ("2024/a.png", "2024/b.png", "2024/c/d.png", "old/e.png"):
        services.images.write(key, flat(), "image/png")
    part = Services.from_settings(settings(**deployed, images_prefix="2024/"))
    for indexed in (services, part):
        (indexer,) = indexed.indexers()
        indexer.reconcile(["2024/a.png", "2024/b.png", "old/e.png"])
    return part


def test_a_stack_that_uses_a_part_of_a_bucket_indexes_and_shows_nothing_else(part, services):
    gallery = part.gallery()
    assert [image.info.key for image in gallery.page("", "", 9)[0]] == [
        "2024/a.png",
        "2024/b.png",
        "2024/c/d.png",
    ]
    assert gallery.page("old/", "", 9) == ([], "")
    assert part.vectors.count() == 2
    assert list(services.vectors.fetch(["old/e.png"])) == ["old/e.png"]
    assert {image.key for image in part.newest_first().page("", 9)[0]} == {
        "2024/a.png",
        "2024/b.png",
    }
    assert len(part.searcher().search(Query((Words("red"),))).matches) == 2
    assert +compare(part.consistency_checker()).totals == {MISSING: 1}


def test_folders_lead_to_the_part_of_a_bucket_that_a_stack_uses(deployed, part):
    def folders(folder, prefix="2024/"):
        gallery = Services.from_settings(settings(**deployed, images_prefix=prefix)).gallery()
        images, folders, _ = gallery.folder_page(folder, "", 9)
        return [image.info.key for image in images], folders

    assert folders("") == ([], ["2024/"])
    assert folders("2024/") == (["2024/a.png", "2024/b.png"], ["2024/c/"])
    assert folders("old/") == ([], [])
    assert folders("2024/", "2024/b") == (["2024/b.png"], [])


def test_no_image_outside_the_part_is_shown_changed_or_restored(part, services):
    gallery, outside = part.gallery(), "old/e.png"
    for refused in (gallery.image, gallery.delete):
        with pytest.raises(ImageNotFoundError):
            refused(outside)
    with pytest.raises(OutsidePrefixError, match="does not begin with '2024/'"):
        gallery.signed_upload("old/new.png", "image/png", 9, None)
    (version,), _ = Versions(services.images).page("old/", Place())
    services.gallery().delete(outside)

    assert part.trash().page("", "", 9) == ([], "")
    assert part.trash().page("old/", "", 9) == ([], "")
    assert part.trash().restore([(outside, version.version_id)]) == ["not-found"]
    assert services.trash().restore([(outside, version.version_id)]) == [None]


def test_every_model_is_loaded_once(services):
    assert services.bundle() is services.bundle()
    assert services.text_encoder() is services.text_encoder()
    (indexer,) = services.indexers()
    assert indexer.encoder is services.image_encoder()
    assert services.bundle().manifest.dimension == DIMENSION


def test_a_searcher_loads_no_model_until_a_query_needs_one(services):
    loaded = []
    watched = replace(services, text_encoder=lambda: loaded.append("text"))

    searcher = watched.searcher()
    assert loaded == []
    with pytest.raises(AttributeError):
        searcher.search(Query((Words("red"),)))

    assert loaded == ["text"]


def test_nothing_is_requested_before_it_is_needed():
    Services.from_settings(settings(images_bucket="does not exist"))
