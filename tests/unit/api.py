"""A caller of the search function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.unit.indexes import World
from tests.unit.lambdas import Context, http_event

# The parameters of a path, where it needs some.
QUERIES = {"/api/search": {"text": "red"}, "/api/image": {"key": "red"}}


@dataclass(frozen=True)
class Answer:
    """What the function hands back to the HTTP API."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def content_type(self) -> str:
        return self.headers["Content-Type"]

    @property
    def body(self) -> Any:
        return json.loads(self.text)


def problem(answer: Answer) -> tuple[int, str]:
    """A problem's status and kind, after a check of what all problems have."""
    assert answer.content_type == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= answer.body.keys()
    assert answer.body["status"] == answer.status
    assert answer.body["title"]
    assert answer.body["detail"]
    return answer.status, answer.body["type"].removeprefix("/problems/")


class Api:
    """The search function and the world that it sees."""

    def __init__(self, world: World, handler: Callable[..., Any]) -> None:
        self.world = world
        self._handler = handler

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | list[str]] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self.take(http_event(method, path, query, body, headers))

    def take(self, event: dict[str, Any], milliseconds: int = 29_000) -> Answer:
        """Hand over an event, with so much time until Lambda ends the function."""
        raw = self._handler(event, Context(milliseconds=milliseconds))
        return Answer(raw["statusCode"], raw["body"], raw["headers"])

    def get(self, path: str, **query: str | list[str]) -> Answer:
        return self.call("GET", path, query or None)

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, body=body)

    def delete(self, key: str) -> Answer:
        return self.call("DELETE", "/api/image", {"key": key})
