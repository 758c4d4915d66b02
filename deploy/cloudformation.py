"""Creates, changes and deletes stacks.

`sam deploy` is not used: it uploads to buckets of other accounts too, cannot continue after an
interruption or a failure, and prints the events of a failure without its cause.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from deploy import change_sets, stack_events
from deploy.errors import DeployError

Say = Callable[[str], None]

_POLL_SECONDS = 1
# A stack whose first deployment failed can only be deleted.
_UNMADE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
_GONE = ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS", *_UNMADE)
_MADE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def apply(
    name: str,
    template: dict[str, Any],
    bucket: str,
    given: Mapping[str, str],
    *,
    tags: Mapping[str, str] | None = None,
    say: Say = lambda _: None,
) -> None:
    """Create or update a stack; without a change nothing happens.

    A parameter that is not given keeps the stack's value, or has its default in a new stack. An
    update without tags keeps those of the stack.

    Raises:
        DeployError: the template is refused, or the operation failed.
    """
    _settle(name, say)
    client, before = boto3.client("cloudformation"), parameters(name)
    wanted = change_sets.create(name, template, bucket, given, before, tags)
    if wanted:
        latest = stack_events.latest(client, name)
        client.execute_change_set(**wanted)
        status = _watch(name, latest, say)
        if status not in _MADE:
            raise DeployError(_failed("the stack was not made", status, name))


def change(name: str, bucket: str, given: Mapping[str, str]) -> None:
    """Update the parameters of a stack and nothing else.

    Raises:
        DeployError: the stack was not changed.
    """
    client = boto3.client("cloudformation")
    template: Any = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    apply(name, template, bucket, given)


def delete(name: str, say: Say = lambda _: None) -> None:
    """Delete a stack; its buckets must be empty.

    Raises:
        DeployError: something could not be deleted.
    """
    client, identity_of_stack = boto3.client("cloudformation"), identity(name)
    latest = stack_events.latest(client, identity_of_stack)
    client.delete_stack(StackName=identity_of_stack)
    status = _watch(identity_of_stack, latest, say)
    if status != "DELETE_COMPLETE":
        raise DeployError(_failed("the stack was not deleted", status, identity_of_stack))


def parameters(name: str) -> dict[str, str] | None:
    """The parameter values of a stack; None if there is no such stack."""
    stack = _described(name)
    return None if _gone(stack) else _values(stack)


def outputs(name: str) -> dict[str, str]:
    """The outputs of a stack.

    Raises:
        DeployError: there is no such stack, or it was never completely created.
    """
    stack = _described(name)
    if _gone(stack):
        raise DeployError(f"there is no stack {name!r} in this account and region")
    return _outputs(stack)


@dataclass(frozen=True)
class Remembered:
    """The description of a stack, which CloudFormation keeps for 90 days after its deletion."""

    gone: bool
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


def remembered(name: str) -> Remembered:
    """A stack, or the last one of that name that was deleted.

    Raises:
        DeployError: there is none.
    """
    stack = _described(name)
    gone = stack["StackStatus"] in ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS")
    if gone:
        stack = _deleted(name)
    return Remembered(gone, _values(stack), _outputs(stack))


def _deleted(name: str) -> Any:
    client = boto3.client("cloudformation")
    pages = client.get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
    found = [one for page in pages for one in page["StackSummaries"] if one["StackName"] == name]
    if not found:
        raise DeployError(f"there is no stack {name!r} in this account and region")
    last = max(found, key=lambda one: one["CreationTime"])
    return client.describe_stacks(StackName=last["StackId"])["Stacks"][0]


def resources(name: str) -> dict[str, str]:
    """The physical ids of the resources that a stack still has, by their logical ids.

    Raises:
        DeployError: there is no such stack.
    """
    if _described(name)["StackStatus"] == "DELETE_COMPLETE":
        raise DeployError(f"there is no stack {name!r} in this account and region")
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
    found = (
        one for page in pages.paginate(StackName=name) for one in page["StackResourceSummaries"]
    )
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for one in found
        if "PhysicalResourceId" in one and one["ResourceStatus"] != "DELETE_COMPLETE"
    }


def identity(name: str) -> str:
    """The unique id of a stack."""
    return str(_described(name)["StackId"])


def stacks_with(parameter: str, value: str) -> dict[str, dict[str, str]]:
    """The parameters of the stacks in which one parameter has this value, by stack name."""
    found = {stack["StackName"]: _values(stack) for stack in _live()}
    return {name: values for name, values in found.items() if values.get(parameter) == value}


def outputs_of_all() -> list[dict[str, str]]:
    """The outputs of every stack of the account in this region."""
    return [_outputs(stack) for stack in _live()]


def _live() -> Iterator[Any]:
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    return (stack for page in pages for stack in page["Stacks"] if not _gone(stack))


def _outputs(stack: Any) -> dict[str, str]:
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}


def _settle(name: str, say: Say) -> None:
    """Bring a stack into a state that can be updated, or that lets it be created.

    Raises:
        DeployError: the stack needs a repair by hand first.
    """
    client, status = boto3.client("cloudformation"), str(_described(name)["StackStatus"])
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        say(f"waiting for the operation in progress: {status}")
        status = _watch(identity(name), "", say)
    if status == "UPDATE_ROLLBACK_FAILED":
        say("continuing the rollback that failed")
        latest = stack_events.latest(client, name)
        client.continue_update_rollback(StackName=name)
        status = _watch(name, latest, say)
    if status == "DELETE_FAILED":
        raise DeployError(f"the stack {name} could not be deleted: make destroy finishes that")
    if status == "UPDATE_ROLLBACK_FAILED":
        raise DeployError(_failed("the stack cannot go back to what it was", status, name))
    if status in _UNMADE:
        say("removing what a failed first deployment left")
        delete(name, say)


def _watch(name: str, latest: str, say: Say) -> str:
    """Wait until an operation on a stack ends, and report its events; returns the status.

    `latest` is the id of the newest event before the operation: it has begun when there is a newer
    one.
    """
    client, progress = boto3.client("cloudformation"), stack_events.Progress(say)
    while True:
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
        events = stack_events.of_operation(client, stack["StackId"])
        begun = bool(events) and events[-1]["EventId"] != latest
        if begun:
            progress.report(events)
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                return str(stack["StackStatus"])
        time.sleep(_POLL_SECONDS)


def _failed(what: str, status: str, name: str) -> str:
    causes = stack_events.causes(stack_events.of_operation(boto3.client("cloudformation"), name))
    return "\n".join([f"{what} ({status}):", *(causes or ["CloudFormation gives no reason"])])


def _described(name: str) -> Any:
    try:
        return boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return {"StackStatus": "DELETE_COMPLETE"}


def _gone(stack: Any) -> bool:
    """Whether a stack is deleted, or was never created completely."""
    return stack["StackStatus"] in _GONE


def _values(stack: Any) -> dict[str, str]:
    return {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])}
