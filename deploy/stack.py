"""Deploy the template with a bundle and the page, and say where everything is.

The AWS CLI packages the code. Its `deploy` is not used: it looks every 30 seconds whether the stack
is made, which takes a few.
"""

from __future__ import annotations

import json
import mimetypes
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError, WaiterError

ROOT = Path(__file__).parents[1]
SECRET = "image-search/pinecone"  # noqa: S105 (its name, not its value)
# The page is small and asks each time whether it is still current.
_PAGE_CACHE = "no-cache"
# Look once a second, for half an hour: CloudFront takes minutes.
_POLL = {"Delay": 1, "MaxAttempts": 1800}


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
    given = {"ModelBucket": bucket, "Bundle": bundle_id, "PineconeSecret": SECRET}
    _apply(name, _package(template, bucket), given | dict(parameters))
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

    def upload(key: str, file: Path) -> None:
        kind = mimetypes.guess_type(file.name)[0] or "text/plain"
        extra = {"ContentType": f"{kind}; charset=utf-8", "CacheControl": _PAGE_CACHE}
        s3.upload_file(str(file), bucket, key, ExtraArgs=extra)

    page = (file for file in directory.rglob("*") if file.is_file())
    files = {file.relative_to(directory).as_posix(): file for file in page}
    # What /api/docs shows the API with comes with Powertools.
    powertools = resources.files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    with resources.as_file(powertools) as swagger, ThreadPoolExecutor() as pool:
        files |= {f"vendor/swagger-ui/{file.name}": file for file in swagger.glob("*.min.*")}
        list(pool.map(upload, files.keys(), files.values()))


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
        where: Any = {} if session.region_name == "us-east-1" else elsewhere
        s3.create_bucket(Bucket=bucket, **where)
    return bucket


def _package(template: Path, bucket: str) -> str:
    """Upload the code that a template names; returns the template that names the uploads."""
    command = [
        *(sys.executable, "-m", "awscli", "cloudformation", "package"),
        *("--template-file", str(template), "--s3-bucket", bucket, "--s3-prefix", "code"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise DeployError(f"packaging {template.name}:\n{result.stderr}")
    return result.stdout


def _apply(name: str, template: str, parameters: Mapping[str, str]) -> None:
    """Create or update the stack; nothing happens where nothing changed."""
    client = boto3.client("cloudformation")
    kind = "update" if _stack_exists(name) else "create"
    change = {"StackName": name, "ChangeSetName": f"{kind}-{int(time.time())}"}
    client.create_change_set(
        **change,
        ChangeSetType=kind.upper(),
        TemplateBody=template,
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    try:
        client.get_waiter("change_set_create_complete").wait(**change, WaiterConfig=_POLL)
    except WaiterError as error:
        reason = error.last_response.get("StatusReason", "")
        client.delete_change_set(**change)
        if "didn't contain changes" in reason or "No updates" in reason:
            return
        raise DeployError(f"the template is refused: {reason}") from None
    client.execute_change_set(**change)
    try:
        client.get_waiter(f"stack_{kind}_complete").wait(StackName=name, WaiterConfig=_POLL)
    except WaiterError:
        raise DeployError("\n".join(["the stack was not made:", *_failures(name)])) from None


def _stack_exists(name: str) -> bool:
    try:
        stacks = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError:
        return False
    return bool(stacks[0]["StackStatus"] != "REVIEW_IN_PROGRESS")


def _failures(name: str) -> list[str]:
    """Why resources of the stack were not made."""
    events = boto3.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    ]


def _exists(bucket: str, key: str) -> bool:
    try:
        boto3.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True
