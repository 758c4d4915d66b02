"""What `make destroy` removes, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from pinecone import Pinecone

from deploy import cloudformation
from deploy.destroy import destroy
from deploy.stack import SECRET, store_api_key
from local.service import free_port
from local.smoke import SAMPLES, User
from local.stack import NAME, LocalStack, started


@pytest.fixture
def local(tiny_bundle: Path, tmp_path: Path) -> Iterator[LocalStack]:
    """A stack with an image that was replaced once, so that it has an old version."""
    silent = started(tmp_path, tiny_bundle, free_port(), free_port(), lambda _: None)
    with silent as stack:
        user = User(stack)
        for sample in sorted(SAMPLES.rglob("*.jpg"))[:2]:
            user.put("a.jpg", sample.read_bytes())
            user.wait_until_indexed("a.jpg")
        yield stack


def remove(local: LocalStack, *, everything: bool) -> dict[str, str]:
    parameters = cloudformation.parameters(NAME)
    assert parameters
    destroy(NAME, everything=everything)
    return parameters


def buckets() -> set[str]:
    return {bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]}


def indexes(local: LocalStack) -> list[str]:
    client = Pinecone(api_key="any", host=f"http://127.0.0.1:{local.index_port}")
    return list(client.list_indexes().names())


def test_a_stack_goes_and_the_images_stay(local: LocalStack) -> None:
    parameters = remove(local, everything=False)

    assert cloudformation.parameters(NAME) is None
    assert buckets() == {local.images_bucket, parameters["ModelBucket"]}
    assert boto3.client("s3").head_object(Bucket=local.images_bucket, Key="a.jpg")
    assert indexes(local) == ["image-search"]
    assert boto3.client("secretsmanager").describe_secret(SecretId=SECRET)


def test_everything_goes_when_told(local: LocalStack) -> None:
    remove(local, everything=True)

    assert buckets() == set()
    assert indexes(local) == []
    secrets = boto3.client("secretsmanager")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        secrets.describe_secret(SecretId=SECRET)
    store_api_key("another")
    assert secrets.get_secret_value(SecretId=SECRET)["SecretString"] == "another"


def test_a_plain_removal_can_be_followed_by_one_of_everything(local: LocalStack) -> None:
    remove(local, everything=False)

    destroy(NAME, everything=True)

    assert buckets() == set()
    assert indexes(local) == []
    destroy(NAME, everything=True)  # what is gone already is no failure


def test_a_removal_that_failed_is_repeated(local: LocalStack) -> None:
    boto3.client("s3").delete_objects(
        Bucket=local.stack.outputs["WebBucket"],
        Delete={"Objects": [{"Key": key} for key in keys(local.stack.outputs["WebBucket"])]},
    )
    boto3.client("s3").delete_bucket(Bucket=local.stack.outputs["WebBucket"])

    remove(local, everything=False)

    assert cloudformation.parameters(NAME) is None


def keys(bucket: str) -> list[str]:
    return [one["Key"] for one in boto3.client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
