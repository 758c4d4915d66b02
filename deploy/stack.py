"""Deploy the template with a bundle and the page, and say where everything is.

The AWS CLI packages and deploys; what it does not do (bundle, secret, page) is done here.
"""

from __future__ import annotations

import json
import mimetypes
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

ROOT = Path(__file__).parents[1]
SECRET = "image-search/pinecone"  # noqa: S105 (its name, not its value)
# The page is small and asks each time whether it is still current.
_PAGE_CACHE = "no-cache"


class DeployError(Exception):
    """A step failed; the message says which and why."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack."""

    name: str
    outputs: Mapping[str, str]


def deploy(
    name: str, bundle: Path, parameters: Mapping[str, str], template: Path = ROOT / "template.yaml"
) -> Stack:
    """Deploy or update a stack.

    Credentials, region and endpoint are those of the environment.

    Raises:
        DeployError: a step failed.
    """
    bucket = _deployment_bucket()
    bundle_id = upload_bundle(bundle, bucket)
    _cloudformation(
        name,
        template,
        bucket,
        {"ModelBucket": bucket, "Bundle": bundle_id, "PineconeSecret": SECRET, **parameters},
    )
    stack = Stack(name, outputs(name))
    upload_page(ROOT / "web", stack.outputs["WebBucket"])
    return stack


def outputs(name: str) -> dict[str, str]:
    """What the stack says of itself."""
    stacks = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    return {item["OutputKey"]: item["OutputValue"] for item in stacks[0]["Outputs"]}


def store_api_key(api_key: str) -> None:
    """Keep the Pinecone API key in the secret that the functions read."""
    secrets = boto3.client("secretsmanager")
    try:
        secrets.put_secret_value(SecretId=SECRET, SecretString=api_key)
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name=SECRET, SecretString=api_key)


def upload_bundle(directory: Path, bucket: str) -> str:
    """Upload a bundle unless it is there; the manifest goes last and marks it complete."""
    manifest = json.loads((directory / "model.json").read_text())
    s3 = boto3.client("s3")
    if not _exists(bucket, f"{manifest['id']}/model.json"):
        for file in [*manifest["files"], "model.json"]:
            s3.upload_file(str(directory / file), bucket, f"{manifest['id']}/{file}")
    return str(manifest["id"])


def upload_page(directory: Path, bucket: str) -> None:
    """Upload the page's files with their content types."""
    s3 = boto3.client("s3")

    def upload(file: Path) -> None:
        kind = mimetypes.guess_type(file.name)[0] or "text/plain"
        extra = {"ContentType": f"{kind}; charset=utf-8", "CacheControl": _PAGE_CACHE}
        s3.upload_file(str(file), bucket, file.relative_to(directory).as_posix(), ExtraArgs=extra)

    with ThreadPoolExecutor() as pool:
        list(pool.map(upload, (file for file in directory.rglob("*") if file.is_file())))


def _deployment_bucket() -> str:
    """The bucket for code and bundles, one per account and region, made when it is missing."""
    session = boto3.session.Session()
    account = session.client("sts").get_caller_identity()["Account"]
    bucket = f"image-search-deployment-{account}-{session.region_name}"
    s3 = session.client("s3")
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": session.region_name}}
        s3.create_bucket(Bucket=bucket, **({} if session.region_name == "us-east-1" else elsewhere))
    return bucket


def _cloudformation(name: str, template: Path, bucket: str, parameters: Mapping[str, str]) -> None:
    packaged = ROOT / "build" / "packaged.yaml"
    packaged.parent.mkdir(exist_ok=True)
    _aws(
        *("package", "--template-file", str(template), "--output-template-file", str(packaged)),
        *("--s3-bucket", bucket, "--s3-prefix", "code"),
    )
    try:
        _aws(
            *("deploy", "--stack-name", name, "--template-file", str(packaged)),
            *("--s3-bucket", bucket, "--no-fail-on-empty-changeset"),
            *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
            *("--parameter-overrides", *(f"{key}={value}" for key, value in parameters.items())),
        )
    except DeployError as error:
        raise DeployError("\n".join([str(error), *_failures(name)])) from None


def _failures(name: str) -> list[str]:
    """Why resources of the stack were not made; [] before there is a stack."""
    try:
        answer = boto3.client("cloudformation").describe_stack_events(StackName=name)
    except ClientError:
        return []
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in answer["StackEvents"]
        if event["ResourceStatus"].endswith("_FAILED")
    ]


def _aws(*arguments: str) -> None:
    command = [sys.executable, "-m", "awscli", "cloudformation", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    if result.returncode:
        raise DeployError(f"aws cloudformation {arguments[0]}:\n{result.stdout}{result.stderr}")


def _exists(bucket: str, key: str) -> bool:
    try:
        boto3.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True
