"""Two stacks of one account: one is deployed again after it failed; both are removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from pinecone import Pinecone, ServerlessSpec

from deploy import buckets as removal
from deploy import cloudformation
from deploy.destroy import destroy
from deploy.stack import SECRET, DeployError, store_api_key, vectors_of
from local.stack import NAME, SAMPLES, LocalStack, deploy, parameters, started
from local.user import User

SECOND = "second"


@pytest.fixture(scope="module")
def local(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    data = tmp_path_factory.mktemp("deploying")
    with started(data, tiny_bundle) as stack:
        yield stack


@pytest.fixture(scope="module")
def refusal(local: LocalStack, tiny_bundle: Path) -> str:
    """Why the second stack's first deployment failed; nothing of it is left."""
    spec = ServerlessSpec(cloud="aws", region="us-east-1")
    pinecone(local).create_index(name="taken", dimension=7, metric="cosine", spec=spec)
    given = parameters(local.index_port) | {"PineconeIndex": "taken"}
    with pytest.raises(DeployError) as failed:
        deploy(SECOND, tiny_bundle, given, local.port)
    assert cloudformation.parameters(SECOND) is None
    return str(failed.value)


@pytest.fixture(scope="module")
def second(refusal: str, local: LocalStack, tiny_bundle: Path) -> LocalStack:
    """Made after all, with an index of its own."""
    given = parameters(local.index_port) | {"PineconeIndex": "free"}
    return replace(local, stack=deploy(SECOND, tiny_bundle, given, local.port))


def pinecone(local: LocalStack) -> Pinecone:
    return Pinecone(api_key="any", host=f"http://127.0.0.1:{local.index_port}")


def indexes(local: LocalStack) -> set[str]:
    return set(pinecone(local).list_indexes().names())


def buckets() -> set[str]:
    return {bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]}


def replace_an_image(stack: LocalStack) -> None:
    """Leave an image, its thumbnail and an old version of both in a stack's buckets."""
    user = User(stack)
    for sample in sorted(SAMPLES.rglob("*.jpg"))[:2]:
        user.put("a.jpg", sample.read_bytes())
        user.wait_until_indexed("a.jpg")


def remove(stack: LocalStack, *, everything: bool) -> dict[str, str]:
    name = stack.stack.name
    given = cloudformation.parameters(name)
    assert given
    destroy(name, everything=everything)
    assert cloudformation.parameters(name) is None
    return given


def test_a_first_deployment_that_failed_says_why_and_is_made_again(
    refusal: str, second: LocalStack
) -> None:
    assert "deploy with another PineconeIndex" in refusal
    assert second.stack.outputs["IndexHost"].endswith("/free")
    assert pinecone(second).describe_index("taken").dimension == 7


def test_a_stack_goes_the_images_stay_and_everything_goes_when_told(
    local: LocalStack, second: LocalStack
) -> None:
    for stack in (local, second):
        replace_an_image(stack)
    secrets = boto3.client("secretsmanager")

    shared = remove(second, everything=False)["ModelBucket"]
    assert buckets() >= {second.images_bucket, shared}
    assert not buckets() & {second.stack.outputs[f"{name}Bucket"] for name in ("Web", "Thumbnails")}
    assert boto3.client("s3").head_object(Bucket=second.images_bucket, Key="a.jpg")
    assert indexes(local) == {"taken", "free", NAME}
    assert secrets.describe_secret(SecretId=SECRET)

    for _ in range(2):  # what is gone already is no failure
        destroy(SECOND, everything=True)
        assert second.images_bucket not in buckets()
        assert indexes(local) == {"taken", "free", NAME}, "the other stack may use them"
        assert vectors_of(second.stack.outputs).count() == 0

    removal.remove(local.stack.outputs["WebBucket"])  # as far as an earlier attempt got
    remove(local, everything=True)
    assert buckets() == set()
    assert indexes(local) == {"taken", "free"}
    with pytest.raises(ClientError, match="ResourceNotFound"):
        secrets.describe_secret(SecretId=SECRET)
    store_api_key("another")
    assert secrets.get_secret_value(SecretId=SECRET)["SecretString"] == "another"
