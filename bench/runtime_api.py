"""Lambda's Runtime API on this machine, for one process that runs a function.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, and for `restore/next` the source of
awslambdaric.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

_ARN = "arn:aws:lambda:us-east-1:000000000000:function:local"
_REQUEST_ID = "00000000-0000-0000-0000-000000000000"
_DEADLINE_SECONDS = 60


class FunctionError(Exception):
    """The function did not start, or failed; the message is what it said."""


@dataclass(frozen=True)
class Said:
    """What the runtime told the API."""

    kind: str
    """`restore` or `next` when it asks for one, `response` or `error` when it has it."""
    body: bytes
    moment: int
    """Nanoseconds of the monotonic clock, which all processes share."""


@dataclass
class RuntimeApi:
    """The events of one process and what it answers."""

    address: str = ""
    _events: Queue[bytes] = field(default_factory=Queue)
    _said: Queue[Said] = field(default_factory=Queue)

    def send(self, event: object) -> None:
        """Hand over an event as soon as the function asks for one."""
        self._events.put(json.dumps(event).encode())

    def heard(self, kind: str) -> Said:
        """Wait for the next thing that the function says.

        Raises:
            FunctionError: it is an error.
        """
        said = self._said.get(timeout=_DEADLINE_SECONDS)
        if said.kind != kind:
            raise FunctionError(f"{said.kind} in place of {kind}: {said.body.decode()}")
        return said


@contextmanager
def serving() -> Iterator[RuntimeApi]:
    """A Runtime API on a free port until the block ends."""
    api = RuntimeApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # one packet for head and body

        def do_GET(self) -> None:
            """A restore comes at once; an event when there is one."""
            if self.path.endswith("/restore/next"):
                api._said.put(Said("restore", b"", time.monotonic_ns()))
                self._answer(HTTPStatus.OK, b"", {})
                return
            api._said.put(Said("next", b"", time.monotonic_ns()))
            self._answer(HTTPStatus.OK, api._events.get(), _headers())

        def do_POST(self) -> None:
            """An answer or an error."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            api._said.put(Said(self.path.rpartition("/")[2], body, time.monotonic_ns()))
            self._answer(HTTPStatus.ACCEPTED, b"", {})

        def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        api.address = f"127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield api
        server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A function that is stopped hangs up."""


def _headers() -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": _REQUEST_ID,
        "Lambda-Runtime-Deadline-Ms": str(int((time.time() + _DEADLINE_SECONDS) * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": _ARN,
    }
