"""A stack of an account that has another one: it is deployed again after it failed, and removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from pinecone import Pinecone, ServerlessSpec

from deploy import buckets as removal
from deploy import cloudformation
from deploy.destroy import destroy
from deploy.errors import DeployError
from deploy.stack import SECRET, store_api_key, vectors_of
from local.service import free_port
from local.stack import SAMPLES, LocalStack, account, deploy, log_of, parameters
from local.user import User

NAME, NEIGHBOUR = "second", "neighbour"
# All that one stack sees of another one.
TEMPLATE = {
    "Parameters": {"ModelBucket": {"Type": "String"}},
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
}


@dataclass(frozen=True)
class Place:
    """An account, and the index beside it."""

    port: int
    index_port: int
    data: Path

    @property
    def pinecone(self) -> Pinecone:
        return Pinecone(api_key="any", host=f"http://127.0.0.1:{self.index_port}")

    @property
    def indexes(self) -> set[str]:
        return set(self.pinecone.list_indexes().names())

    def deploy(self, bundle: Path, index: str) -> LocalStack:
        given = parameters(self.index_port) | {"PineconeIndex": index}
        return LocalStack(
            deploy(NAME, bundle, given, self.port), self.port, self.index_port, log_of(self.data)
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An account with a stack that uses its deployment bucket."""
    made = Place(free_port(), free_port(), tmp_path_factory.mktemp("deploying"))
    with account(made.data, made.port, made.index_port):
        bucket = {"ParameterKey": "ModelBucket", "ParameterValue": removal.deployment_bucket()}
        client = boto3.client("cloudformation")
        client.create_stack(
            StackName=NEIGHBOUR, TemplateBody=json.dumps(TEMPLATE), Parameters=[bucket]
        )
        client.get_waiter("stack_create_complete").wait(StackName=NEIGHBOUR)
        yield made


@pytest.fixture(scope="module")
def refusal(place: Place, tiny_bundle: Path) -> str:
    """Why the stack's first deployment failed; nothing of it is left."""
    spec = ServerlessSpec(cloud="aws", region="us-east-1")
    place.pinecone.create_index(name="taken", dimension=7, metric="cosine", spec=spec)
    with pytest.raises(DeployError) as failed:
        place.deploy(tiny_bundle, "taken")
    assert cloudformation.parameters(NAME) is None
    return str(failed.value)


@pytest.fixture(scope="module")
def stack(refusal: str, place: Place, tiny_bundle: Path) -> LocalStack:
    """Made after all, with an index of its own."""
    return place.deploy(tiny_bundle, "free")


def buckets() -> set[str]:
    return {bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]}


def replace_an_image(stack: LocalStack) -> None:
    """Leave an image, its thumbnail and an old version of both in a stack's buckets."""
    user = User(stack)
    for sample in sorted(SAMPLES.rglob("*.jpg"))[:2]:
        user.put("a.jpg", sample.read_bytes())
        user.wait_until_indexed("a.jpg")


def test_a_first_deployment_that_failed_says_why_and_is_made_again(
    refusal: str, stack: LocalStack, place: Place
) -> None:
    assert "deploy with another PineconeIndex" in refusal
    assert stack.stack.outputs["IndexHost"].endswith("/free")
    assert place.pinecone.describe_index("taken").dimension == 7


def test_destroying_a_stack_keeps_its_images_unless_everything_is_to_go(
    stack: LocalStack, place: Place
) -> None:
    replace_an_image(stack)
    shared, outputs = removal.deployment_bucket(), stack.stack.outputs
    secrets = boto3.client("secretsmanager")

    removal.remove(outputs["WebBucket"])  # as far as an earlier attempt got
    destroy(NAME, everything=False)
    assert cloudformation.parameters(NAME) is None
    assert buckets() == {stack.images_bucket, shared}
    assert boto3.client("s3").head_object(Bucket=stack.images_bucket, Key="a.jpg")

    for _ in range(2):  # what is gone already is no failure
        destroy(NAME, everything=True)
        assert buckets() == {shared}
        assert place.indexes == {"taken", "free"}, "the other stack may use them"
        assert secrets.describe_secret(SecretId=SECRET)
        assert vectors_of(outputs).count() == 0

    cloudformation.delete(NEIGHBOUR)
    destroy(NAME, everything=True)
    assert buckets() == set()
    assert place.indexes == {"taken"}
    with pytest.raises(ClientError, match="ResourceNotFound"):
        secrets.describe_secret(SecretId=SECRET)
    store_api_key("another")
    assert secrets.get_secret_value(SecretId=SECRET)["SecretString"] == "another"
