"""The services of a process are made from its settings, each when it is needed."""

from dataclasses import replace

import boto3
import pytest

from image_search.query import Query, Stored, Words
from image_search.services import Services
from tests.tiny_bundle import DIMENSION
from tests.unit.pictures import flat
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
