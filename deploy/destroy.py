"""`make destroy`: removes a stack, after asking.

The photographs stay, and with them the index, the API key and the deployment bucket, unless --all
removes them too. What other stacks of the account use stays even then. After a failure the same
command continues; --all also finds a stack that was removed earlier.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import suppress

import boto3
from pinecone.errors.exceptions import NotFoundError

from deploy import arguments, buckets, cloudformation, images
from deploy.errors import DeployError, explained
from deploy.stack import SECRET, pinecone, records_of, vectors_at


@explained("make destroy")
def main() -> int:
    """Ask and remove; the exit status is not 0 unless everything was removed."""
    options = _options()
    stack = cloudformation.remembered(options.name)
    if stack.gone and not options.all:
        raise DeployError(f"there is no stack {options.name!r} in this account and region")
    print("\n".join(_consequences(stack, options.all)))
    if _ask(f"Type {options.name} to go on: ") != options.name:
        raise DeployError("nothing was removed")
    destroy(options.name, everything=options.all)
    return 0


def destroy(name: str, *, everything: bool) -> None:
    """Remove a stack and, with `everything`, its images, its index and the secret.

    Raises:
        DeployError: there is no such stack, or CloudFormation could not delete something.
    """
    stack = cloudformation.remembered(name)
    if not stack.gone:
        _remove_stack(name, stack.parameters)
        print(f"removed the stack {name}")
    if everything:
        _remove_images(stack)
        _remove_shared(stack)


def _remove_stack(name: str, parameters: Mapping[str, str]) -> None:
    """Stop the writers, empty the buckets, which CloudFormation deletes only then, and delete."""
    resources = cloudformation.resources(name)
    rule = resources.get("UploadsRule", "").split("/")[-1]
    _stop_events(rule, resources.get("IndexFunctionUploads"))
    if bucket := parameters.get("ImagesBucketName"):
        images.release(bucket, parameters["ModelBucket"], name, rule)
    for bucket in ("WebBucket", "ThumbnailsBucket"):
        if bucket in resources and buckets.exists(resources[bucket]):
            buckets.empty(resources[bucket])
    cloudformation.delete(name, print)


def _stop_events(rule: str, mapping: str | None) -> None:
    """Stop indexing: a function that still runs would fill a bucket again."""
    events, functions = boto3.client("events"), boto3.client("lambda")
    # An earlier attempt may have got further than this.
    if rule:
        with suppress(events.exceptions.ResourceNotFoundException):
            events.disable_rule(Name=rule)
    if mapping:
        gone, busy = "ResourceNotFoundException", "ResourceInUseException"
        with suppress(*(getattr(functions.exceptions, name) for name in (gone, busy))):
            functions.update_event_source_mapping(UUID=mapping, Enabled=False)


def _remove_images(stack: cloudformation.Remembered) -> None:
    """Remove the stack's own images bucket; one that existed before the stack is kept."""
    bucket = stack.outputs.get("ImagesBucket")
    if stack.parameters.get("ImagesBucketName") or not bucket or not buckets.exists(bucket):
        return
    if users := cloudformation.stacks_with("ImagesBucketName", bucket):
        print(f"kept s3://{bucket}: {', '.join(users)} use it")
        return
    removed = buckets.remove(bucket)
    print(f"removed {removed} images and old versions, and their bucket")


def _remove_records(outputs: Mapping[str, str]) -> None:
    """Remove the stack's records from an index that stays, unless another stack uses them too."""
    described = {"IndexHost", "ImagesBucket", "Bundle"}
    others = (other for other in cloudformation.outputs_of_all() if described <= other.keys())
    kept = {place for other in others for place in records_of(other).values()}
    for place in set(records_of(outputs).values()) - kept:
        vectors_at(*place).drop()


def _remove_shared(stack: cloudformation.Remembered) -> None:
    """Remove what several stacks may share, unless another one still uses it."""
    parameters, bucket = stack.parameters, stack.parameters["ModelBucket"]
    if users := cloudformation.stacks_with("ModelBucket", bucket):
        if "IndexHost" in stack.outputs:
            _remove_records(stack.outputs)
        print(f"kept the index, the API key and {bucket}: {', '.join(users)} may use them")
        return
    secrets = boto3.client("secretsmanager")
    # An earlier attempt may have got further than this.
    with suppress(NotFoundError, secrets.exceptions.ResourceNotFoundException):
        pinecone(parameters).delete_index(parameters["PineconeIndex"])
    with suppress(secrets.exceptions.ResourceNotFoundException):
        # Without a delay: until it had passed, the next deployment could not store a key.
        secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    if buckets.exists(bucket):
        buckets.remove(bucket)
    print(f"removed the index {parameters['PineconeIndex']}, the API key and {bucket}")


def _consequences(stack: cloudformation.Remembered, everything: bool) -> list[str]:
    goes = ["goes   the page, its URL, the thumbnails, the accounts of its users"]
    parameters, bucket = stack.parameters, stack.outputs.get("ImagesBucket", "")
    rest = [
        f"the Pinecone index {parameters['PineconeIndex']} with every vector",
        f"the API key {SECRET} and s3://{parameters['ModelBucket']}, if no other stack needs them",
    ]
    if not parameters.get("ImagesBucketName"):
        rest.insert(0, f"s3://{bucket} with every image and old version")
    hint = [] if everything else ["       make destroy ALL=1 removes these too"]
    kept = [f"stays  s3://{bucket}, as it is"] if parameters.get("ImagesBucketName") else []
    word = "goes" if everything else "stays"
    return (goes if not stack.gone else []) + [f"{word:6} {what}" for what in rest] + kept + hint


def _ask(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:
        return ""


def _options() -> argparse.Namespace:
    parser = arguments.parser("deploy.destroy", __doc__)
    parser.add_argument("--all", action="store_true", help="the images too, and what they need")
    return arguments.parsed(parser)


if __name__ == "__main__":
    sys.exit(main())
