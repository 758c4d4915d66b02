"""Deploys the template with a bundle and the page."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import msgspec
from pinecone import Pinecone
from pinecone.errors.exceptions import NotFoundError, PineconeError

from deploy import buckets, cloudformation, images, packaging
from deploy.cloudformation import outputs
from deploy.errors import DeployError
from deploy.page import upload_page
from image_search.bundle import MANIFEST, Manifest
from image_search.pinecone_index import VectorIndex, namespace
from image_search.secrets import Secret

ROOT = Path(__file__).parents[1]
SECRET = "image-search/pinecone"  # noqa: S105 (its name, not its value)


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    name: str
    outputs: Mapping[str, str]

    @property
    def url(self) -> str:
        """The URL of the page, without a slash at its end, because paths are appended to it."""
        return self.outputs["Url"].rstrip("/")


def deploy(
    name: str,
    bundle: Path | None,
    parameters: Mapping[str, str],
    template: Path = ROOT / "template.yaml",
    *,
    beside: bool = False,
    tags: Mapping[str, str] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Stack:
    """Deploy or update a stack; without a bundle, an update keeps its present one.

    A bundle `beside` the present one is indexed, and not searched before `deploy.switch`.
    Credentials, region and endpoint are those of the environment.

    Raises:
        DeployError: a step failed.
    """
    before = cloudformation.parameters(name) or {}
    bucket = parameters.get("ModelBucket") or before.get("ModelBucket")
    bucket = bucket or buckets.deployment_bucket()
    buckets.make(bucket)
    given = {"ModelBucket": bucket, "PineconeSecret": SECRET, **parameters}
    existing = (before | given).get("ImagesBucketName")
    if existing:
        distribution = outputs(name)["DistributionId"] if before else ""
        given |= images.prepare(existing, before | given, distribution, say)
    if bundle:
        given["OtherBundle" if beside else "Bundle"] = buckets.upload_bundle(bundle, bucket)
    elif before and not is_current(before):
        raise DeployError(f"{before['Bundle']} is of an older version: build it again with MODEL=…")
    if before:
        given["SignInNames"] = sign_in_names(cloudformation.resources(name).get("Users"))
    if before and index_lost(before | given):
        index = before["PineconeIndex"]
        say(f"the index {index} is lost: creating an empty one, which make doctor FIX=1 fills")
        given["IndexCheck"] = str(int(time.time()))
    packaged = packaging.package(template, bucket, name)
    cloudformation.apply(name, packaged, bucket, given, tags=tags, say=say)
    stack, after = Stack(name, outputs(name)), cloudformation.parameters(name) or {}
    if existing:
        images.subscribe(existing, bucket, name, say)
        if after["Reads"] == "open" and after["DistributionReads"] == "false":
            distribution = stack.outputs["DistributionId"]
            say(images.policy_hint(existing, after["ImagesPrefix"], distribution))
    upload_page(ROOT / "web", stack.outputs["WebBucket"])
    if closed(before, after):
        invalidate_caches(stack.outputs["DistributionId"])
    _delete_unused(name, bucket, packaging.uploads_in(packaged, bucket))
    return stack


def outputs_of_other(name: str) -> dict[str, str]:
    """The outputs that a stack would have if its two bundles were swapped.

    Raises:
        DeployError: there is no such stack, or it has one bundle.
    """
    stack = outputs(name)
    if "OtherBundle" not in stack:
        raise DeployError("there is one bundle; make deploy BESIDE=1 MODEL=… adds another")
    return stack | {"Bundle": stack["OtherBundle"], "OtherBundle": stack["Bundle"]}


def records_of(stack: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The host and the namespace of a stack's records for each of its bundles, by its outputs."""
    bucket, prefix = stack["ImagesBucket"], stack.get("ImagesPrefix", "")
    bundles = [stack[name] for name in ("Bundle", "OtherBundle") if name in stack]
    return {one: (stack["IndexHost"], namespace(bucket, one, prefix)) for one in bundles}


def vectors_at(host: str, records: str) -> VectorIndex:
    """A namespace of an index, with the API key of this account's stacks."""
    return VectorIndex(host, Secret(SECRET).value, records)


def vectors_of(stack: Mapping[str, str]) -> VectorIndex:
    """The namespace of a stack's present bundle, by its outputs."""
    return vectors_at(*records_of(stack)[stack["Bundle"]])


def store_api_key(api_key: str) -> None:
    """Store the Pinecone API key in the secret that the functions read."""
    secrets = boto3.client("secretsmanager")
    try:
        secrets.put_secret_value(SecretId=SECRET, SecretString=api_key.strip())
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name=SECRET, SecretString=api_key.strip())


def pinecone(parameters: Mapping[str, str]) -> Pinecone:
    """The control plane of a stack's index."""
    secrets = boto3.client("secretsmanager")
    api_key = secrets.get_secret_value(SecretId=parameters["PineconeSecret"])["SecretString"]
    return Pinecone(api_key=api_key.strip(), host=parameters["PineconeHost"] or None)


def index_lost(parameters: Mapping[str, str]) -> bool:
    """Whether the index of a stack was deleted.

    CloudFormation invokes the setup function again only when a property of its resource changes.
    """
    try:
        pinecone(parameters).describe_index(parameters["PineconeIndex"])
    except NotFoundError:
        return True
    except PineconeError:
        return False  # the setup function reports what is wrong
    return False


def is_current(parameters: Mapping[str, str]) -> bool:
    """Whether this version can read the bundle of a stack."""
    manifest = buckets.read(parameters["ModelBucket"], f"{parameters['Bundle']}/{MANIFEST}")
    try:
        msgspec.json.decode(manifest, type=Manifest)
    except msgspec.ValidationError:
        return False
    return True


def sign_in_names(pool: str | None) -> str:
    """The value of SignInNames that an existing pool has: Cognito refuses to change it."""
    if pool is None:
        return "any-case"
    described: Any = boto3.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]
    any_case = described.get("UsernameConfiguration", {}).get("CaseSensitive") is False
    return "any-case" if any_case else "exact"


def closed(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether reading requires a sign-in now and did not before."""
    return before.get("Reads") == "open" and after.get("Reads") == "signed-in"


def invalidate_caches(distribution: str) -> None:
    """Remove images and responses from CloudFront's caches, where anybody could read them."""
    paths = ["/images/*", "/thumbs/*", "/api/*"]
    boto3.client("cloudfront").create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": len(paths), "Items": paths},
            "CallerReference": str(time.time_ns()),
        },
    )


def _delete_unused(name: str, bucket: str, code: set[str]) -> None:
    users = cloudformation.stacks_with("ModelBucket", bucket).values()
    bundles = {user.get(kind, "") for user in users for kind in ("Bundle", "OtherBundle")}
    template = f"{buckets.code_of(name)}template.json"
    buckets.delete_unused(bucket, name, {template, *code}, bundles)
