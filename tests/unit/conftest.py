"""What several unit tests share: AWS in this process, the local index as a process, the bundle."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from aws_lambda_powertools.utilities import parameters
from moto import mock_aws

from image_search import downloads, s3, services, settings
from image_search.bundle import Bundle, load_directory
from image_search.collection_map import Mapper
from image_search.duplicates import DuplicateFinder
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.gallery import Gallery
from image_search.pinecone_index import VectorIndex
from image_search.s3 import Bucket
from image_search.searching import Searcher
from tests.contract.conftest import SPEC, LocalIndex
from tests.tiny_bundle import DIMENSION
from tests.unit.api import Api
from tests.unit.indexes import World
from tests.unit.lambdas import load_function
from tests.unit.pictures import flat


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test reaches an account, an emulator or the settings of another test."""
    for name in os.environ:
        if name.startswith(("AWS_", "PINECONE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_XRAY_SDK_ENABLED", "false")
    monkeypatch.setattr(downloads, "fetch", lambda *_: None)
    settings.settings.cache_clear()
    yield
    settings.settings.cache_clear()


@pytest.fixture(scope="session")
def client_of_tests() -> Iterator[None]:
    """The S3 client that tests share (making one takes a third of a second) is theirs alone."""
    s3.forget()
    yield
    s3.forget()


@pytest.fixture
def aws(no_environment: None, client_of_tests: None) -> Iterator[None]:
    """An empty AWS account."""
    parameters.clear_caches()
    with mock_aws():
        yield


@pytest.fixture
def new_bucket(aws: None) -> Callable[[str], Bucket]:
    """Makes buckets that keep versions, as the images bucket does."""

    def make(name: str) -> Bucket:
        s3._client().create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        s3._client().put_bucket_versioning(
            Bucket=name, VersioningConfiguration={"Status": "Enabled"}
        )
        return Bucket(name)

    return make


@pytest.fixture(scope="session")
def index_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalIndex]:
    server = LocalIndex(tmp_path_factory.mktemp("index"))
    server.client().indexes.create(name="unit", dimension=DIMENSION, metric="cosine", spec=SPEC)
    yield server
    server.stop()


_namespaces = count()


@pytest.fixture
def vectors(index_server: LocalIndex) -> VectorIndex:
    """The real adapter on a namespace that has no record yet."""
    host = f"{index_server.url}/data/unit"
    return VectorIndex(host, api_key=lambda: "any", namespace=f"namespace-{next(_namespaces)}")


@pytest.fixture(scope="session")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_directory(tiny_bundle)


@pytest.fixture(scope="session")
def image_encoder(bundle: Bundle) -> ImageEncoder:
    return ImageEncoder(bundle)


@pytest.fixture(scope="session")
def text_encoder(bundle: Bundle) -> TextEncoder:
    return TextEncoder(bundle)


@pytest.fixture
def api(
    bundle: Bundle,
    image_encoder: ImageEncoder,
    text_encoder: TextEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> Api:
    """The search function on fakes with two indexed images, one that is new, and one text file."""
    objects = {"red": flat("red"), "dir/ä b+.png": flat("pink"), "text": b"text"}
    world = World(image_encoder, **objects)
    world.states(*objects)
    world.images.put("new", flat("blue"))
    for name in ("IMAGES", "THUMBNAILS", "MODEL"):
        monkeypatch.setenv(f"{name}_BUCKET", name.lower())
    monkeypatch.setenv("BUNDLE", bundle.manifest.id)
    monkeypatch.setenv("INDEX_HOST", "https://secret.example")
    monkeypatch.setenv("PINECONE_SECRET", "secret")
    monkeypatch.delenv("WRITES", raising=False)
    threshold = bundle.manifest.duplicate_threshold
    searcher = Searcher(
        world.images, world.vectors, lambda: text_encoder, lambda: image_encoder, threshold
    )
    finder = DuplicateFinder(world.images, world.vectors, threshold)
    monkeypatch.setattr(services, "searcher", lambda: searcher)
    monkeypatch.setattr(services, "duplicate_finder", lambda: finder)
    monkeypatch.setattr(services, "gallery", lambda: Gallery(world.images, world.vectors))
    monkeypatch.setattr(services, "mapper", lambda: Mapper(world.vectors))
    monkeypatch.setattr(services, "text_encoder", lambda: text_encoder)
    monkeypatch.setattr(services, "vectors", lambda: world.vectors)
    monkeypatch.setattr(services, "bundle", lambda: bundle)
    return Api(world, load_function("search"))
