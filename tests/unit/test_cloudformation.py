"""Stacks in every state of CloudFormation, and the report of a failure."""

import boto3
import pytest
from botocore.exceptions import ClientError

from deploy import buckets, cloudformation, stack_events
from deploy.errors import DeployError

STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/mine/0"
# CloudFormation answers about a hundred events at a time.
PAGE = 100
TEMPLATE = {"Parameters": {}, "Resources": {}}


class CloudFormation:
    """One stack, with the states and the pages of events that AWS documents.

    `then` is what each operation ends with, by its name.
    """

    def __init__(self, status, **then):
        self.status, self.then, self.asked = status, then, []
        self.events = []
        self.note("mine", status.replace("COMPLETE", "IN_PROGRESS"))

    def note(self, resource, status, reason=""):
        event = {"EventId": str(len(self.events)), "StackId": STACK, "ResourceStatus": status}
        event |= {"LogicalResourceId": resource, "ResourceStatusReason": reason}
        event["PhysicalResourceId"] = STACK if resource == "mine" else resource
        self.events.append(event)

    def describe_stacks(self, StackName):
        if self.status == "DELETE_COMPLETE" and StackName != STACK:
            missing = {"Error": {"Code": "ValidationError", "Message": "mine does not exist"}}
            raise ClientError(missing, "DescribeStacks")  # type: ignore[arg-type]
        stack = {"StackStatus": self.status, "StackId": STACK, "StackName": "mine"}
        if self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS":
            self.end("work")
        return {"Stacks": [stack]}

    def end(self, operation):
        if operation in self.then:
            self.status = self.then[operation]
            self.note("mine", self.status)

    def get_paginator(self, _name):
        return self

    def paginate(self, **_):
        newest = self.events[::-1]
        for start in range(0, len(newest), PAGE):
            yield {"StackEvents": newest[start : start + PAGE]}

    def get_waiter(self, _name):
        return self

    def wait(self, **_):
        pass

    def __getattr__(self, operation):
        def ask(**_):
            self.asked.append(operation)
            self.end(operation)

        return ask


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setattr(buckets, "put", lambda *_: None)
    monkeypatch.setattr(cloudformation, "_POLL_SECONDS", 0)

    def use(stack):
        monkeypatch.setattr(boto3, "client", lambda _: stack)
        return stack

    return use


def deploy():
    reported = []
    cloudformation.apply("mine", TEMPLATE, "bucket", {}, say=reported.append)
    return reported


def test_an_interrupted_deployment_is_awaited_and_then_updated(account):
    stack = CloudFormation(
        "CREATE_IN_PROGRESS", work="CREATE_COMPLETE", execute_change_set="UPDATE_COMPLETE"
    )
    account(stack)

    reported = deploy()

    assert stack.asked == ["create_change_set", "execute_change_set"]
    assert "waiting for the operation in progress: CREATE_IN_PROGRESS" in reported


@pytest.mark.parametrize(
    ("status", "first", "then"),
    [
        *(
            (status, "delete_stack", "DELETE_COMPLETE")
            for status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
        ),
        ("UPDATE_ROLLBACK_FAILED", "continue_update_rollback", "UPDATE_ROLLBACK_COMPLETE"),
    ],
)
def test_a_failed_creation_is_removed_and_a_failed_rollback_continued(status, first, then, account):
    stack = account(CloudFormation(status, execute_change_set="UPDATE_COMPLETE", **{first: then}))

    deploy()

    assert stack.asked == [first, "create_change_set", "execute_change_set"]


@pytest.mark.parametrize(
    ("stack", "reported"),
    [
        (CloudFormation("DELETE_FAILED"), "make destroy finishes that"),
        (
            CloudFormation(
                "UPDATE_ROLLBACK_FAILED", continue_update_rollback="UPDATE_ROLLBACK_FAILED"
            ),
            "cannot go back to what it was",
        ),
    ],
)
def test_a_stack_that_must_be_repaired_by_hand_is_not_touched(stack, reported, account):
    account(stack)

    with pytest.raises(DeployError, match=reported):
        deploy()

    assert "create_change_set" not in stack.asked


def failing(stack):
    """An update that fails for one reason and is rolled back in more than a page of events."""
    stack.note("Old", "UPDATE_FAILED", "the cause of an earlier failure")
    stack.note("mine", "UPDATE_IN_PROGRESS", "User Initiated")
    stack.note("Queue", "UPDATE_COMPLETE")
    stack.note("Distribution", "UPDATE_FAILED", "the certificate is of another region")
    for number in range(PAGE):
        stack.note(f"R{number}", "UPDATE_FAILED", "Resource update cancelled")
    stack.note("mine", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed")
    for number in range(2 * PAGE):
        stack.note(f"R{number}", "UPDATE_COMPLETE")
    stack.note("Rule", "DELETE_FAILED", "still in use")


def test_of_a_failure_only_its_own_causes_are_reported_the_root_cause_first(account):
    stack = CloudFormation("UPDATE_COMPLETE", execute_change_set="UPDATE_ROLLBACK_COMPLETE")
    account(stack)
    execute = stack.__getattr__("execute_change_set")

    def fail(**options):
        failing(stack)
        execute(**options)

    stack.__dict__["execute_change_set"] = fail
    with pytest.raises(DeployError) as failure:
        deploy()

    assert str(failure.value).splitlines() == [
        "the stack was not made (UPDATE_ROLLBACK_COMPLETE):",
        "Distribution: the certificate is of another region",
        "Rule: still in use",
    ]


def test_each_resource_is_reported_once_while_cloudformation_works():
    reported = []
    progress = stack_events.Progress(reported.append)
    stack = CloudFormation("CREATE_COMPLETE")
    stack.note("Queue", "CREATE_COMPLETE")

    progress.report(stack.events)
    progress.report(stack.events)

    assert [line.split()[2:] for line in reported] == [["Queue", "CREATE_COMPLETE"]]


def test_a_long_wait_is_reported_with_what_it_waits_for(monkeypatch):
    monkeypatch.setattr(stack_events, "_SILENCE_SECONDS", -1)
    reported = []
    stack = CloudFormation("CREATE_COMPLETE")
    stack.note("Distribution", "CREATE_IN_PROGRESS")

    stack_events.Progress(reported.append).report(stack.events)

    assert reported[0].endswith("still working on Distribution")


def test_events_are_read_to_the_begin_of_an_operation_and_no_further():
    class Pages(CloudFormation):
        def paginate(self, **options):
            for page in super().paginate(**options):
                self.asked.append("page")
                yield page

    stack = Pages("UPDATE_COMPLETE")
    for _ in range(3 * PAGE):
        stack.note("Old", "UPDATE_COMPLETE")
    failing(stack)

    found = stack_events.of_operation(stack, "mine")

    assert found[0]["ResourceStatusReason"] == "User Initiated"
    assert len(stack.asked) == 4
