"""Raw HTTP requests, and what a response may not reveal."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.stack import SAMPLES, LocalStack

PHOTOGRAPH = next(SAMPLES.rglob("*.jpg")).read_bytes()
JSON = {"Content-Type": "application/json"}
WORDS = {"terms": [{"text": "a cat"}]}
# Internal names, which no response may contain.
INSIDE = re.compile(
    rb"arn:aws|Traceback|File \"|\.py\b|/site-packages|/tmp/|image_search\.|botocore|boto3"
    rb"|pydantic|ministack|127\.0\.0\.1|localhost|Error\b|set_int_max_str_digits|AKIA|ASIA"
)


class Answer:
    """A response."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        """Read it; the names of headers become lower case."""
        self.status, self.body = response.status, response.read()
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Raw:
    """A client that normalises neither path nor headers nor length."""

    local: LocalStack
    patience: float = 60
    """Seconds."""

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.local.port, timeout=self.patience)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        length = {} if body is None else {"Content-Length": str(len(body))}
        for name, value in ({"Host": self.local.host} | length | dict(headers or {})).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        with connection.getresponse() as response:
            return Answer(response)

    def post(self, path: str, body: Any) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", path, data, JSON)

    def begin(self, request: str, *headers: bytes, body: bytes = b"") -> socket.socket:
        """Send headers, which may be malformed, and a body, which may be incomplete."""
        host = f"Host: {self.local.host}".encode()
        lines = [f"{request} HTTP/1.1".encode(), host, *headers, b"", body]
        connection = socket.create_connection(("127.0.0.1", self.local.port), timeout=self.patience)
        connection.sendall(b"\r\n".join(lines))
        return connection

    def write(self, request: str, *headers: bytes, body: bytes = b"") -> Answer:
        """The response to such a request."""
        with self.begin(request, *headers, body=body) as connection:
            return received(connection, request.partition(" ")[0])


def received(connection: socket.socket, method: str = "GET") -> Answer:
    """The next response on a connection; one to HEAD has no body."""
    with http.client.HTTPResponse(connection, method=method) as response:
        response.begin()
        return Answer(response)


def upload(key: Any, **changed: Any) -> dict[str, Any]:
    """The request for the upload of one image."""
    return {"key": key, "content_type": "image/jpeg", "size": 10} | changed


def assert_refused(answer: Answer) -> None:
    """Check for a problem that reveals nothing internal."""
    assert 400 <= answer.status < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not INSIDE.search(answer.body)
