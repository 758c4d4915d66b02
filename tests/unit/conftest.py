"""What several unit tests share: AWS in this process, the local index as a process, the bundle."""

import os
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws
from pinecone._internal.http_client import get_budget_registry

from image_search import aws as aws_clients
from image_search import s3_connection
from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.pinecone_index import VectorIndex
from image_search.s3 import Bucket
from search_api.application import create_app
from tests.contract.conftest import SPEC, LocalIndex
from tests.tiny_bundle import DIMENSION
from tests.unit.api import Api
from tests.unit.fakes import FakeUploadsQueue
from tests.unit.images import flat
from tests.unit.indexes import World
from tests.unit.settings import fake_services

if TYPE_CHECKING:
    pass

CREDENTIALS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_XRAY_SDK_ENABLED": "false",
}


def _isolate(patch):
    # The present session may have read the configuration of a running emulator.
    patch.setattr(boto3, "DEFAULT_SESSION", None)
    aws_clients.session.cache_clear()
    for name in os.environ:
        if name.startswith(("AWS_", "PINECONE_")):
            patch.delenv(name)
    for name, value in CREDENTIALS.items():
        patch.setenv(name, value)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    """No test reaches an account or an emulator."""
    _isolate(monkeypatch)


@pytest.fixture(autouse=True)
def no_failures_remembered():
    """The Pinecone SDK stops retrying on a host that has failed often; all tests share one host."""
    get_budget_registry()._reset()


@pytest.fixture(scope="session")
def s3_client():
    """The S3 client that the tests share, because creating one takes a third of a second."""
    with pytest.MonkeyPatch.context() as patch:
        _isolate(patch)
        return s3_connection.client()


@pytest.fixture
def aws(no_environment):
    """An empty AWS account."""
    with mock_aws():
        yield


@pytest.fixture
def new_bucket(aws, s3_client):
    """Makes buckets that keep versions, as the images bucket does."""

    def make(name):
        s3_client.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        s3_client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return Bucket(name, s3_client)

    return make


@pytest.fixture(scope="session")
def index_server(tmp_path_factory):
    server = LocalIndex(tmp_path_factory.mktemp("index"))
    server.client().indexes.create(name="unit", dimension=DIMENSION, metric="cosine", spec=SPEC)
    yield server
    server.kill()


_namespaces = count()


@pytest.fixture
def new_namespace(index_server):
    """Makes real adapters, each on a namespace that has no record yet."""
    host = f"{index_server.url}/data/unit"
    return lambda: VectorIndex(host, lambda: "any", namespace=f"namespace-{next(_namespaces)}")


@pytest.fixture
def vectors(new_namespace):
    """The real adapter on a namespace that has no record yet."""
    return new_namespace()


@pytest.fixture(scope="session")
def bundle(tiny_bundle):
    return load_directory(tiny_bundle)


@pytest.fixture(scope="session")
def image_encoder(bundle):
    return ImageEncoder(bundle)


@pytest.fixture(scope="session")
def text_encoder(bundle):
    return TextEncoder(bundle)


@pytest.fixture
def world(image_encoder):
    """Makes buckets in memory with an index and an indexer."""
    return lambda **objects: World(image_encoder, **objects)


@pytest.fixture
def queue():
    return FakeUploadsQueue()


@pytest.fixture
def new_api(bundle, image_encoder, text_encoder):
    """Makes search functions on fakes: two indexed images, one that is new, and one text file.

    Other parts may take the place of fakes.
    """

    def make(parts=None, **settings):
        objects = {"red": flat("red"), "dir/ä b+.png": flat("pink"), "text": b"text"}
        world = World(image_encoder, **objects)
        world.states(*objects)
        world.images.put("new", flat("blue"))
        services = fake_services(world, bundle, image_encoder, text_encoder, **settings)
        return Api(world, create_app(replace(services, **(parts or {}))))

    return make


@pytest.fixture
def api(new_api):
    return new_api()
