"""Change sets: the changes that CloudFormation would make."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import WaiterError

from deploy import buckets
from deploy.errors import DeployError

# Poll once a second, for five minutes, until CloudFormation has compared the templates.
_COMPARE = {"Delay": 1, "MaxAttempts": 300}


def create(
    name: str,
    template: dict[str, Any],
    bucket: str,
    given: Mapping[str, str],
    before: Mapping[str, str] | None,
    tags: Mapping[str, str] | None,
) -> dict[str, str] | None:
    """Create a change set; returns the arguments that name it, or None if nothing would change.

    `before` are the parameters of the stack; None if it is to be created.

    Raises:
        DeployError: the template is refused.
    """
    kind = "create" if before is None else "update"
    kept = set(before or {}) & set(template["Parameters"]) - set(given)
    change = {"StackName": name, "ChangeSetName": f"{kind}-{int(time.time())}"}
    client: Any = boto3.client("cloudformation")
    client.create_change_set(
        **change,
        ChangeSetType=kind.upper(),
        TemplateURL=_upload(template, bucket, name),
        Parameters=[
            *({"ParameterKey": key, "ParameterValue": value} for key, value in given.items()),
            *({"ParameterKey": key, "UsePreviousValue": True} for key in kept),
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        **_tags(tags),
    )
    return change if _worth_executing(client, change) else None


def _tags(tags: Mapping[str, str] | None) -> dict[str, Any]:
    """The argument for tags; without it an update keeps the tags of the stack."""
    return {"Tags": [{"Key": k, "Value": v} for k, v in tags.items()]} if tags else {}


def _upload(template: dict[str, Any], bucket: str, name: str) -> str:
    """Upload a template; returns its URL. A request may have 51,200 bytes, a bucket's file 1 MB."""
    key = f"{buckets.code_of(name)}template.json"
    buckets.put(bucket, key, json.dumps(template).encode())
    region = boto3.session.Session().region_name
    return f"https://s3.{region}.amazonaws.com/{bucket}/{key}"


def _worth_executing(client: Any, change: Mapping[str, str]) -> bool:
    """Whether a change set changes anything; one that does not is deleted."""
    try:
        client.get_waiter("change_set_create_complete").wait(**change, WaiterConfig=_COMPARE)
    except WaiterError as error:
        reason = error.last_response.get("StatusReason", "")
        client.delete_change_set(**change)
        if "didn't contain changes" in reason or "No updates" in reason:
            return False
        raise DeployError(f"the template is refused: {reason}") from None
    return True
