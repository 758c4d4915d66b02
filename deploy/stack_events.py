"""The events of a stack: its progress, and the causes of a failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

# The first event of an operation that was requested; a rollback begins with another one.
_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
# A resource that was cancelled after another failure is not the cause.
_CANCELLED = "cancelled"
_SILENCE_SECONDS = 30
Event = dict[str, Any]


def latest(client: Any, name: str) -> str:
    """The id of the newest event of a stack; empty if there is none."""
    pages = client.get_paginator("describe_stack_events").paginate(StackName=name)
    return next((str(event["EventId"]) for page in pages for event in page["StackEvents"]), "")


def of_operation(client: Any, name: str) -> list[Event]:
    """The events of the newest operation of a stack, oldest first.

    CloudFormation returns all events of a stack's life, newest first, in pages of about a hundred.
    """
    found: list[Event] = []
    for page in client.get_paginator("describe_stack_events").paginate(StackName=name):
        for event in page["StackEvents"]:
            found.append(event)
            if _of_the_stack(event) and event["ResourceStatus"] in _BEGINNINGS:
                return found[::-1]
    return found[::-1]


def causes(events: Sequence[Event]) -> list[str]:
    """Why an operation failed, the root cause first."""
    failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
    causes_ = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in failed
        if _CANCELLED not in event.get("ResourceStatusReason", "").lower()
    ]
    return list(dict.fromkeys(causes_))


class Progress:
    """Reports which resources are complete, and which take long."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Start without any reported event."""
        self._say = say
        self._reported: set[str] = set()
        self._begin = self._last = time.monotonic()

    def report(self, events: Sequence[Event]) -> None:
        """Report the new ones among the events of an operation."""
        now = time.monotonic()
        for event in events:
            status = str(event["ResourceStatus"])
            if event["EventId"] not in self._reported and not status.endswith("_IN_PROGRESS"):
                self._reported.add(event["EventId"])
                self._line(now, f"{event['LogicalResourceId']} {status}")
        if now - self._last > _SILENCE_SECONDS:
            self._line(now, f"still working on {', '.join(_unfinished(events)) or 'the stack'}")

    def _line(self, now: float, what: str) -> None:
        self._last = now
        self._say(f"{now - self._begin:6.0f} s  {what}")


def _unfinished(events: Sequence[Event]) -> list[str]:
    status = {
        event["LogicalResourceId"]: event["ResourceStatus"]
        for event in events
        if not _of_the_stack(event)
    }
    return [name for name, state in status.items() if state.endswith("_IN_PROGRESS")]


def _of_the_stack(event: Event) -> bool:
    return bool(event.get("PhysicalResourceId") == event["StackId"])
