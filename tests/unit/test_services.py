"""The parts of a process are made from its settings, each once and when it is needed."""

import boto3
import pytest

from image_search import services
from image_search.query import Query, Stored, Words
from image_search.s3 import Bucket
from tests.tiny_bundle import DIMENSION
from tests.unit.pictures import flat

COLOURS = {"a/ü b.png": (255, 0, 0), "c.png": (255, 60, 60), "d.png": (0, 255, 0)}
PARTS = (
    *(
        services.bundle,
        services.image_encoder,
        services.text_encoder,
        services.vectors,
        services.images,
    ),
    *(services.indexer, services.searcher, services.gallery),
)


@pytest.fixture
def deployed(index_server, new_bucket, tiny_bundle, monkeypatch):
    """What the template gives to a function."""
    for name in ("images", "thumbnails", "model"):
        new_bucket(name)
        monkeypatch.setenv(f"{name.upper()}_BUCKET", name)
    for file in tiny_bundle.iterdir():
        Bucket("model").write(f"tiny-fp32-00000000/{file.name}", file.read_bytes(), "text/plain")
    boto3.client("secretsmanager").create_secret(Name="pinecone", SecretString="any")
    monkeypatch.setenv("PINECONE_SECRET", "pinecone")
    monkeypatch.setenv("BUNDLE", "tiny-fp32-00000000")
    monkeypatch.setenv("INDEX_HOST", f"{index_server.url}/data/unit")
    yield
    for part in PARTS:
        part.cache_clear()


@pytest.mark.usefixtures("deployed")
def test_an_uploaded_image_is_indexed_listed_and_found():
    for key, colour in COLOURS.items():
        services.images().write(key, flat(colour), "image/png")

    outcomes = services.indexer().reconcile([*COLOURS, "gone"])

    assert [outcomes[key].state for key in sorted(outcomes)] == [*["indexed"] * 3, "deleted"]
    page, _ = services.gallery().page("", "", 10)
    assert [(image.info.key, image.state) for image in page] == [
        (key, "indexed") for key in COLOURS
    ]
    found = services.searcher().search(Query((Stored("a/ü b.png"),))).matches
    assert [match.metadata.key for match in found] == ["c.png", "d.png"]
    assert len(services.searcher().search(Query((Words("red"),), top_k=2)).matches) == 2


@pytest.mark.usefixtures("deployed")
def test_two_bundles_are_indexed_in_two_namespaces(tiny_bundle, monkeypatch):
    for file in tiny_bundle.iterdir():
        Bucket("model").write(f"other/{file.name}", file.read_bytes(), "text/plain")
    monkeypatch.setenv("OTHER_BUNDLE", "other")
    services.images().write("a.png", flat(), "image/png")

    searched, other = services.indexers()
    other.reconcile(["a.png"])

    assert list(other.vectors.fetch(["a.png"])) == ["a.png"]
    assert searched.vectors.fetch(["a.png"]) == {}
    other.vectors.drop()
    assert other.vectors.fetch(["a.png"]) == {}


@pytest.mark.usefixtures("deployed")
def test_every_part_is_made_once():
    assert [part() is part() for part in PARTS] == [True] * len(PARTS)
    assert services.indexer().encoder is services.image_encoder()
    assert services.bundle().manifest.dimension == DIMENSION


@pytest.mark.usefixtures("deployed")
def test_a_searcher_loads_no_model_until_a_query_needs_one():
    services.searcher()

    assert services.image_encoder.cache_info().currsize == 0
    assert services.text_encoder.cache_info().currsize == 0
