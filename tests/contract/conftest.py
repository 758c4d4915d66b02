"""The local index as a process, and clients of it: the real SDK, and plain HTTP.

The SDK refuses much before it sends anything; plain HTTP shows what the server refuses.
"""

import re
import subprocess
import sys
from itertools import count
from pathlib import Path

import httpx
import pytest
from pinecone import Pinecone

ROOT = Path(__file__).parents[2]
DIMENSION = 4


def launch(directory, stderr=None):
    """A server on a free port; it listens before it prints its URL."""
    command = [sys.executable, "-m", "local.vector_index", "--port", "0", "--data", directory]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, stderr=stderr)


class LocalIndex:
    """The server in a process of its own, which a test may kill and start again."""

    def __init__(self, directory):
        self.directory = directory
        self.start()

    def start(self):
        """Start it and find out its URL."""
        self.process = launch(self.directory)
        announced = self.process.stdout.readline() if self.process.stdout else ""
        found = re.search(r"http://127\.0\.0\.1:\d+", announced)
        assert found, f"the local index did not start: {announced!r}"
        self.url = found.group()

    def kill(self):
        """End it with SIGKILL: nothing it holds in memory is written any more."""
        self.process.kill()
        self.process.wait()

    def client(self):
        return Pinecone(api_key="any", host=self.url)

    def http(self, index="", version="2026-07"):
        """Plain HTTP to the control plane, or to the records of an index."""
        base = f"{self.url}/data/{index}" if index else self.url
        return httpx.Client(
            base_url=base, headers={"Api-Key": "any", "X-Pinecone-Api-Version": version}
        )


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = LocalIndex(tmp_path_factory.mktemp("local-index"))
    yield server
    server.kill()


@pytest.fixture
def own_server(tmp_path):
    """A server that the test may kill."""
    server = LocalIndex(tmp_path / "data")
    yield server
    server.kill()


@pytest.fixture(scope="session")
def client(server):
    return server.client()


@pytest.fixture(scope="session")
def unused_name():
    numbers = count()
    return lambda: f"index-{next(numbers)}"


@pytest.fixture
def new_index(client, unused_name):
    """A new, empty index of the metric and the dimension wanted."""

    def create(metric="cosine", dimension=DIMENSION):
        name = unused_name()
        model = client.indexes.create(name=name, dimension=dimension, metric=metric, spec=SPEC)
        return client.index(host=model.host or "")

    return create


@pytest.fixture
def index(new_index):
    return new_index()


@pytest.fixture
def records_http(server, client, unused_name):
    """Plain HTTP to a new, empty index."""
    name = unused_name()
    client.indexes.create(name=name, dimension=DIMENSION, spec=SPEC)
    with server.http(name) as http:
        yield http


SPEC = {"serverless": {"cloud": "aws", "region": "us-east-1"}}
