"""Clients that send a body drop by drop hold up nobody else.

A function is called once a body is whole, so slow ones wait at the gateway. How many wait there and
for how long is API Gateway's to say, and CloudFront's before it; the emulator lets them all wait.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from local.stack import LocalStack
from local.user import User
from tests.stack.raw import WORDS, Raw, assert_refused, received, upload

# More than the copies that the search function has on AWS, unless told otherwise.
SLOW = 25
DROPS = 5
BODY = json.dumps(WORDS).encode()
DROP = len(BODY) // (DROPS + 1)
HEADERS = (b"Content-Type: application/json", b"Content-Length: %d" % len(BODY))


@pytest.fixture(scope="module")
def hasty(local: LocalStack) -> Raw:
    """Waits no longer than people do."""
    return Raw(local, patience=10)


@pytest.fixture
def slow(hasty: Raw) -> Iterator[list[socket.socket]]:
    """Connections that have sent headers and the first letter of a body."""
    with ExitStack() as connections:
        yield [
            connections.enter_context(hasty.begin("POST /api/search", *HEADERS, body=BODY[:1]))
            for _ in range(SLOW)
        ]


def drip(connections: list[socket.socket], part: bytes) -> None:
    for connection in connections:
        connection.sendall(part)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/health", None),
        ("GET", "/api/images", None),
        ("POST", "/api/search", BODY),
        ("GET", "/", None),
    ],
)
def test_slow_bodies_keep_nobody_waiting(
    method: str, path: str, body: bytes | None, slow: list[socket.socket], hasty: Raw
) -> None:
    for drop in range(DROPS):
        drip(slow, BODY[1 + drop * DROP : 1 + (drop + 1) * DROP])
        json_type = {} if body is None else {"Content-Type": "application/json"}
        assert hasty.send(method, path, body, json_type).status == 200


def test_a_slow_body_is_answered_once_it_is_whole(slow: list[socket.socket]) -> None:
    drip(slow[:1], BODY[1:])

    assert received(slow[0]).status == 200


def test_a_slow_body_that_is_wrong_is_refused_like_any_other(slow: list[socket.socket]) -> None:
    drip(slow[:1], b"x" * (len(BODY) - 1))

    assert_refused(received(slow[0]))


def test_bodies_that_never_end_leave_nothing_behind(slow: list[socket.socket], hasty: Raw) -> None:
    drip(slow, BODY[1:-1])
    for connection in slow:
        connection.close()

    assert hasty.post("/api/search", BODY).status == 200


def test_a_file_that_never_ends_is_not_stored(hasty: Raw, user: User) -> None:
    form = user.http.post("/api/uploads", json=upload("endless.jpg")).json()
    bucket = form["url"].rsplit("/", 1)[-1]
    part = multipart(form["fields"])
    headers = (b"Content-Type: multipart/form-data; boundary=x", b"Content-Length: 1000000")

    with hasty.begin(f"POST /{bucket}", *headers, body=part) as connection:
        connection.sendall(b"x" * 10)

    assert user.image("endless.jpg")["status"] == 404


def multipart(fields: Mapping[str, Any]) -> bytes:
    """A form up to the first byte of its file."""
    named = [f'name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    parts = [*named, 'name="file"; filename="x"\r\n\r\n']
    return "".join(f"--x\r\nContent-Disposition: form-data; {part}" for part in parts).encode()
