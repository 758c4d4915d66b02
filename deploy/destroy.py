"""`make destroy`: remove a stack, after asking.

The photographs stay, and with them the index, the API key and the deployment bucket, unless --all
says that they go too. What other stacks of the account use stays even then.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

import boto3
from pinecone import Pinecone

from deploy import buckets, cloudformation
from deploy.errors import DeployError, explained
from deploy.stack import SECRET


@explained("make destroy")
def main() -> int:
    """Ask and remove; the exit status is not 0 if nothing, or not everything, was removed."""
    options = _options()
    stack = cloudformation.outputs(options.name)
    parameters = cloudformation.parameters(options.name) or {}
    print("\n".join(_consequences(stack, parameters, options.all)))
    if _ask(f"Type {options.name} to go on: ") != options.name:
        raise DeployError("nothing was removed")
    destroy(options.name, stack, parameters, everything=options.all)
    return 0


def destroy(
    name: str, stack: Mapping[str, str], parameters: Mapping[str, str], *, everything: bool
) -> None:
    """Remove a stack; everything that it stands on too, if told.

    Raises:
        DeployError: CloudFormation could not delete something.
    """
    for bucket in (stack["WebBucket"], stack["ThumbnailsBucket"]):
        buckets.empty(bucket)
    cloudformation.delete(name)
    print(f"removed the stack {name}")
    if everything:
        removed = buckets.remove(stack["ImagesBucket"])
        print(f"removed {removed} images and old versions, and their bucket")
        _remove_shared(parameters)


def _remove_shared(parameters: Mapping[str, str]) -> None:
    """Remove what several stacks may share, unless another still does."""
    bucket = parameters["ModelBucket"]
    if users := cloudformation.stacks_with("ModelBucket", bucket):
        print(f"kept the index, the API key and {bucket}: {', '.join(users)} may use them")
        return
    secrets = boto3.client("secretsmanager")
    api_key = secrets.get_secret_value(SecretId=SECRET)["SecretString"]
    Pinecone(api_key=api_key, host=parameters["PineconeHost"] or None).delete_index(
        parameters["PineconeIndex"]
    )
    # Without a delay: until it had passed, the next deployment could not store a key.
    secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    buckets.remove(bucket)
    print(f"removed the index {parameters['PineconeIndex']}, the API key and {bucket}")


def _consequences(
    stack: Mapping[str, str], parameters: Mapping[str, str], everything: bool
) -> list[str]:
    goes = ["goes   the page, its address, the thumbnails, the accounts of its users"]
    rest = [
        f"s3://{stack['ImagesBucket']} with every image and old version",
        f"the Pinecone index {parameters['PineconeIndex']} with every vector",
        f"the API key {SECRET} and s3://{parameters['ModelBucket']}, if no other stack needs them",
    ]
    hint = [] if everything else ["       make destroy ALL=1 removes these too"]
    return goes + [f"{'goes' if everything else 'stays':6} {what}" for what in rest] + hint


def _ask(question: str) -> str:
    try:
        return input(question).strip()
    except EOFError:
        return ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.destroy", description=__doc__)
    parser.add_argument("--name", default="image-search", help="of the stack")
    parser.add_argument("--all", action="store_true", help="the images too, and what they need")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
