"""The local index as a process, and clients of it: the real SDK, and plain HTTP.

The SDK refuses much before it sends anything; plain HTTP shows what the server refuses.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest
from pinecone import Index, Pinecone

ROOT = Path(__file__).parents[2]
DIMENSION = 4


class LocalIndex:
    """The server in a process of its own, which a test may kill and start again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.start()

    def start(self) -> None:
        """Start it on a free port; it listens before it prints its URL."""
        self.process = self.launch()
        announced = self.process.stdout.readline() if self.process.stdout else ""
        found = re.search(r"http://127\.0\.0\.1:\d+", announced)
        assert found, f"the local index did not start: {announced!r}"
        self.url = found.group()

    def launch(self, stderr: int | None = None) -> subprocess.Popen[str]:
        """One more process on the same data."""
        command = [sys.executable, "-m", "local.vector_index", "--port", "0"]
        return subprocess.Popen(
            [*command, "--data", self.directory],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            stderr=stderr,
        )

    def kill(self) -> None:
        """End it with SIGKILL: nothing it holds in memory is written any more."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it with SIGTERM; return its exit status."""
        self.process.terminate()
        return self.process.wait()

    def client(self) -> Pinecone:
        return Pinecone(api_key="any", host=self.url)

    def http(self, index: str = "", version: str = "2026-07") -> httpx.Client:
        """Plain HTTP to the control plane, or to the records of an index."""
        base = f"{self.url}/data/{index}" if index else self.url
        return httpx.Client(
            base_url=base, headers={"Api-Key": "any", "X-Pinecone-Api-Version": version}
        )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalIndex]:
    server = LocalIndex(tmp_path_factory.mktemp("local-index"))
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[LocalIndex]:
    """A server that the test may kill."""
    server = LocalIndex(tmp_path / "data")
    yield server
    server.kill()


@pytest.fixture(scope="session")
def client(server: LocalIndex) -> Pinecone:
    return server.client()


@pytest.fixture(scope="session")
def unused_name() -> Callable[[], str]:
    numbers = count()
    return lambda: f"index-{next(numbers)}"


@pytest.fixture
def new_index(client: Pinecone, unused_name: Callable[[], str]) -> Callable[..., Index]:
    """A new, empty index of the metric and the dimension wanted."""

    def create(metric: str = "cosine", dimension: int = DIMENSION) -> Index:
        name = unused_name()
        model = client.indexes.create(name=name, dimension=dimension, metric=metric, spec=SPEC)
        return client.index(host=model.host or "")

    return create


@pytest.fixture
def index(new_index: Callable[..., Index]) -> Index:
    return new_index()


@pytest.fixture
def records_http(server: LocalIndex, unused_name: Callable[[], str]) -> Iterator[httpx.Client]:
    """Plain HTTP to a new, empty index."""
    name = unused_name()
    server.client().indexes.create(name=name, dimension=DIMENSION, spec=SPEC)
    with server.http(name) as http:
        yield http


SPEC = {"serverless": {"cloud": "aws", "region": "us-east-1"}}
