"""Make, change and delete stacks.

The AWS CLI packages the code. Its `deploy` is not used: it looks every 30 seconds whether the stack
is made, which takes a few.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError, WaiterError

from deploy.errors import DeployError

# Look once a second, for half an hour: CloudFront takes minutes.
_POLL = {"Delay": 1, "MaxAttempts": 1800}
# A stack whose first deployment failed can only be deleted.
_FAILED = "ROLLBACK_COMPLETE"
# CloudFormation takes templates of 51,200 bytes in a request, and of 1 MB from a bucket.
_PACKAGED = "code/template.json"


def package(template: Path, bucket: str) -> dict[str, Any]:
    """Upload the code that a template names; returns the template that names the uploads.

    Raises:
        DeployError: something that the template names is not there.
    """
    command = [
        *(sys.executable, "-m", "awscli", "cloudformation", "package", "--use-json"),
        *("--template-file", str(template), "--s3-bucket", bucket, "--s3-prefix", "code"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise DeployError(f"packaging {template.name}:\n{result.stderr}")
    packaged: dict[str, Any] = json.loads(result.stdout)
    return packaged


def apply(name: str, template: dict[str, Any], bucket: str, given: Mapping[str, str]) -> None:
    """Create or update a stack; nothing happens where nothing changed.

    A parameter that is not given keeps the stack's value, or has its default in a new stack.

    Raises:
        DeployError: the template is refused, or the stack was not made.
    """
    client, before = boto3.client("cloudformation"), parameters(name)
    if _described(name)["StackStatus"] == _FAILED:
        delete(name)
    kind = "create" if before is None else "update"
    kept = set(before or {}) & set(template["Parameters"]) - set(given)
    change = {"StackName": name, "ChangeSetName": f"{kind}-{int(time.time())}"}
    client.create_change_set(
        **change,
        ChangeSetType=kind.upper(),
        TemplateURL=_upload(template, bucket),
        Parameters=[
            *({"ParameterKey": key, "ParameterValue": value} for key, value in given.items()),
            *({"ParameterKey": key, "UsePreviousValue": True} for key in kept),
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    if _worth_executing(client, change):
        client.execute_change_set(**change)
        _wait(client, f"stack_{kind}_complete", name, "the stack was not made:")


def change(name: str, bucket: str, given: Mapping[str, str]) -> None:
    """Update the parameters of a stack and nothing else.

    Raises:
        DeployError: the stack was not changed.
    """
    client = boto3.client("cloudformation")
    template: Any = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    apply(name, template, bucket, given)


def delete(name: str) -> None:
    """Delete a stack; its buckets must be empty.

    Raises:
        DeployError: something could not be deleted.
    """
    client = boto3.client("cloudformation")
    client.delete_stack(StackName=name)
    _wait(client, "stack_delete_complete", name, "the stack was not deleted:")


def parameters(name: str) -> dict[str, str] | None:
    """The values that a stack was made with; None where there is no such stack."""
    stack = _described(name)
    return None if _gone(stack) else _values(stack)


def outputs(name: str) -> dict[str, str]:
    """What a stack says of itself.

    Raises:
        DeployError: there is no such stack.
    """
    stack = _described(name)
    if _gone(stack):
        raise DeployError(f"there is no stack {name!r} in this account and region")
    return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}


def identity(name: str) -> str:
    """The id of a stack, which no other one ever has."""
    return str(_described(name)["StackId"])


def stacks_with(parameter: str, value: str) -> list[str]:
    """The names of the stacks that were made with this value of a parameter."""
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    live = (stack for page in pages for stack in page["Stacks"] if not _gone(stack))
    return [stack["StackName"] for stack in live if _values(stack).get(parameter) == value]


def _described(name: str) -> Any:
    try:
        return boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return {"StackStatus": "DELETE_COMPLETE"}


def _gone(stack: Any) -> bool:
    """Whether a stack is no more, or never was more than an attempt."""
    return stack["StackStatus"] in ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS", _FAILED)


def _values(stack: Any) -> dict[str, str]:
    return {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])}


def _upload(template: dict[str, Any], bucket: str) -> str:
    session = boto3.session.Session()
    session.client("s3").put_object(Bucket=bucket, Key=_PACKAGED, Body=json.dumps(template))
    return f"https://s3.{session.region_name}.amazonaws.com/{bucket}/{_PACKAGED}"


def _worth_executing(client: Any, change: Mapping[str, str]) -> bool:
    """Whether a change set changes anything; one that does not is deleted."""
    try:
        client.get_waiter("change_set_create_complete").wait(**change, WaiterConfig=_POLL)
    except WaiterError as error:
        reason = error.last_response.get("StatusReason", "")
        client.delete_change_set(**change)
        if "didn't contain changes" in reason or "No updates" in reason:
            return False
        raise DeployError(f"the template is refused: {reason}") from None
    return True


def _wait(client: Any, what: str, name: str, otherwise: str) -> None:
    try:
        client.get_waiter(what).wait(StackName=name, WaiterConfig=_POLL)
    except WaiterError:
        raise DeployError("\n".join([otherwise, *_failures(name)])) from None


def _failures(name: str) -> list[str]:
    """Why resources of the stack were not made."""
    events = boto3.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in events
        if event["ResourceStatus"].endswith("_FAILED")
    ]
