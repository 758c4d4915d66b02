"""The template on this machine: MiniStack is AWS, `local.vector_index` is Pinecone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx

from deploy import stack as deployment
from deploy.stack import ROOT, Stack, store_api_key
from image_search import aws
from local.cloud import Cloud
from local.emulator_template import patched
from local.service import free_port, require_free, running

NAME = "image-search"
SAMPLES = ROOT / "samples"
# The offline model, as `make` builds it.
BUNDLE = ROOT / "build" / "bundles" / "offline"
# The index accepts any key.
_API_KEY = "local"
# Key and secret of the emulator's account.
_CREDENTIAL = "local"


@dataclass(frozen=True)
class LocalStack:
    """A deployed stack on this machine."""

    stack: Stack
    port: int
    index_port: int
    log: Path
    """The log of the functions."""

    @property
    def host(self) -> str:
        """The host name of the page and the API."""
        label = self.stack.url.removeprefix("https://").split(".")[0]
        return f"{label}.cloudfront.localhost:{self.port}"

    @property
    def url(self) -> str:
        """The URL for browsers and curl, which resolve *.localhost to this machine.

        Paths are appended to it: it has no slash at its end.
        """
        return f"http://{self.host}"

    @property
    def images_bucket(self) -> str:
        """The bucket to put images in."""
        return self.stack.outputs["ImagesBucket"]

    def function(self, resource: str) -> str:
        """The name of a function, by its name in the template."""
        answer = boto3.client("cloudformation").describe_stack_resource(
            StackName=self.stack.name, LogicalResourceId=resource
        )
        return str(answer["StackResourceDetail"]["PhysicalResourceId"])

    def configuration(self, resource: str) -> dict[str, Any]:
        """The configuration of a function, by its name in the template."""
        name = self.function(resource)
        return {**boto3.client("lambda").get_function_configuration(FunctionName=name)}

    def client(self) -> httpx.Client:
        """An HTTP client for that URL: Python's resolver may not know *.localhost."""
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Host": self.host}, timeout=60
        )


@contextmanager
def started(
    data: Path,
    bundle: Path = BUNDLE,
    port: int = 0,
    index_port: int = 0,
    say: Callable[[str], None] = lambda _: None,
    *,
    enforce_iam: bool = False,
    cloud: Cloud | None = None,
) -> Iterator[LocalStack]:
    """Start everything, deploy, and stop everything when the block ends; port 0 is a free one.

    Raises:
        ServiceError: a port is taken or a server did not start.
        DeployError: the template was not deployed.
    """
    port, index_port = port or free_port(), index_port or free_port()
    with account(data, port, index_port, enforce_iam=enforce_iam, cloud=cloud):
        say("started the AWS emulator" + ("" if cloud else " and the vector index"))
        given = parameters(index_port)
        if cloud:
            given["PineconeHost"] = cloud.controller
        stack = deploy(f"{NAME}-{cloud.demo}" if cloud else NAME, bundle, given, port)
        say("deployed template.yaml")
        yield LocalStack(stack, port, index_port, log_of(data))


@contextmanager
def account(
    data: Path,
    port: int,
    index_port: int,
    *,
    enforce_iam: bool = False,
    cloud: Cloud | None = None,
) -> Iterator[None]:
    """Start an AWS account without a stack, and the index; stop them when the block ends.

    Meanwhile the environment of this process names the emulator's endpoint and credentials. The
    emulator takes no others if it enforces IAM, and lets functions do what their roles allow. With
    a cloud, the index is Pinecone's, and no local one is started.

    Raises:
        ServiceError: a port is taken or a server did not start.
    """
    for wanted in (port, index_port):
        require_free(wanted)
    with ExitStack() as services:
        services.enter_context(_aws_environment(data, port))
        if not cloud:
            services.enter_context(vector_index(data, index_port))
        services.enter_context(emulator(data, port, enforce_iam=enforce_iam))
        store_api_key(cloud.api_key if cloud else _API_KEY)
        yield


def deploy(
    name: str,
    bundle: Path | None,
    given: Mapping[str, str],
    port: int,
    *,
    beside: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Stack:
    """Deploy to the emulator at a port as `deploy.stack.deploy` does to AWS."""
    with tempfile.TemporaryDirectory() as directory:
        template = Path(directory) / "template.json"
        template.write_text(json.dumps(patched(port)))
        return deployment.deploy(name, bundle, given, template, beside=beside, say=say)


def parameters(index_port: int) -> dict[str, str]:
    """The values of parameters that differ from a stack on AWS."""
    return {
        "Writes": "open",
        "Heic": "on",
        "PineconeHost": f"http://127.0.0.1:{index_port}",
    }


def vector_index(data: Path, port: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run the index as a process."""
    return running(
        [
            *(sys.executable, "-m", "local.vector_index"),
            *("--port", str(port), "--data", str(data / "vectors")),
        ],
        ready=f"http://127.0.0.1:{port}/",
        log=data / "logs" / "vector_index.log",
    )


def emulator(data: Path, port: int, *, enforce_iam: bool = False) -> AbstractContextManager[object]:
    """Run MiniStack as a process; the README of its package lists its settings."""
    return running(
        [sys.executable, "-m", "ministack"],
        ready=f"http://127.0.0.1:{port}/_ministack/health",
        log=log_of(data),
        environment={
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(data / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(data / "s3"),
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "AUTH": str(enforce_iam).lower(),
            "AWS_ACCESS_KEY_ID": _CREDENTIAL,
            "AWS_SECRET_ACCESS_KEY": _CREDENTIAL,
            # The interpreter that runs the functions has their packages, and Node for CloudFront's.
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
    )


def log_of(data: Path) -> Path:
    """The log file of the emulator and of the functions that it runs."""
    return data / "logs" / "emulator.log"


@contextmanager
def _aws_environment(data: Path, port: int) -> Iterator[None]:
    """Point every AWS client of this process, and the AWS CLI of the user, at the emulator."""
    config = data / "aws-config"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(
        f"[default]\nregion = us-east-1\naws_access_key_id = {_CREDENTIAL}\n"
        f"aws_secret_access_key = {_CREDENTIAL}\nendpoint_url = http://127.0.0.1:{port}\n"
    )
    before = os.environ.copy()
    for name in [name for name in before if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = str(config)
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    _forget_clients()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        _forget_clients()


def _forget_clients() -> None:
    """Drop the cached sessions, which have read another configuration."""
    boto3.setup_default_session()
    aws.session.cache_clear()
