"""Deploy the template with a bundle and the page, and say where everything is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3

from deploy import buckets, cloudformation
from deploy.cloudformation import outputs
from deploy.errors import DeployError
from deploy.page import upload_page

__all__ = ["ROOT", "SECRET", "DeployError", "Stack", "deploy", "outputs_of_other", "store_api_key"]

ROOT = Path(__file__).parents[1]
SECRET = "image-search/pinecone"  # noqa: S105 (its name, not its value)


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    name: str
    outputs: Mapping[str, str]

    @property
    def address(self) -> str:
        """The address of the page; paths are appended to it: it has no slash at its end."""
        return self.outputs["Address"].rstrip("/")


def deploy(
    name: str,
    bundle: Path | None,
    parameters: Mapping[str, str],
    template: Path = ROOT / "template.yaml",
    *,
    beside: bool = False,
) -> Stack:
    """Deploy or update a stack; without a bundle, an update keeps the one that it has.

    A bundle beside the present one is indexed, and not searched before `deploy.switch`.

    Credentials, region and endpoint are those of the environment.

    Raises:
        DeployError: a step failed.
    """
    bucket = buckets.deployment_bucket()
    buckets.make(bucket)
    given = {"ModelBucket": bucket, "PineconeSecret": SECRET, **parameters}
    if bundle:
        given["OtherBundle" if beside else "Bundle"] = buckets.upload_bundle(bundle, bucket)
    cloudformation.apply(name, cloudformation.package(template, bucket), bucket, given)
    stack = Stack(name, outputs(name))
    upload_page(ROOT / "web", stack.outputs["WebBucket"])
    return stack


def outputs_of_other(name: str) -> dict[str, str]:
    """What a stack would say of itself if its two bundles changed places.

    Raises:
        DeployError: there is no such stack, or it has one bundle.
    """
    stack = outputs(name)
    if "OtherBundle" not in stack:
        raise DeployError("there is one bundle; make deploy BESIDE=1 MODEL=… adds another")
    return stack | {"Bundle": stack["OtherBundle"], "OtherBundle": stack["Bundle"]}


def store_api_key(api_key: str) -> None:
    """Keep the Pinecone API key in the secret that the functions read."""
    secrets = boto3.client("secretsmanager")
    try:
        secrets.put_secret_value(SecretId=SECRET, SecretString=api_key.strip())
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name=SECRET, SecretString=api_key.strip())
