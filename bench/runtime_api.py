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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

_DEADLINE_SECONDS = 60
_HEADERS = {
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": "00000000-0000-0000-0000-000000000000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:local",
}


class FunctionError(Exception):
    """The function did not start, or failed; the message is what it said."""


@dataclass(frozen=True)
class Request:
    """What the runtime asked of the API."""

    kind: str
    """`restore` or `next` when it asks for one, `response` or `error` when it has it."""
    body: bytes
    moment: int
    """Nanoseconds of the monotonic clock, which all processes share."""


@dataclass
class RuntimeApi:
    """The events of one process and what it answers."""

    address: str = ""
    events: Queue[bytes] = field(default_factory=Queue)
    requests: Queue[Request] = field(default_factory=Queue)

    def send(self, event: object) -> None:
        """Hand over an event as soon as the function asks for one."""
        self.events.put(json.dumps(event).encode())

    def wait_for(self, kind: str) -> Request:
        """Wait for the next request of the function.

        Raises:
            FunctionError: it is of another kind, such as an error.
        """
        request = self.requests.get(timeout=_DEADLINE_SECONDS)
        if request.kind != kind:
            raise FunctionError(f"{request.kind} in place of {kind}: {request.body.decode()}")
        return request


@contextmanager
def serving() -> Iterator[RuntimeApi]:
    """A Runtime API on a free port until the block ends."""
    api = RuntimeApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # one packet for head and body

        def do_GET(self) -> None:
            """A restore is answered at once; the request for an event when there is one."""
            kind = self.path.split("/")[-2]
            kind = "next" if kind == "invocation" else kind
            api.requests.put(Request(kind, b"", time.monotonic_ns()))
            self._answer(200, api.events.get() if kind == "next" else b"")

        def do_POST(self) -> None:
            """An answer or an error."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kind = self.path.rpartition("/")[2]
            api.requests.put(Request(kind, body, time.monotonic_ns()))
            self._answer(202, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            deadline = str(int((time.time() + _DEADLINE_SECONDS) * 1000))
            headers = _HEADERS | {"Lambda-Runtime-Deadline-Ms": deadline}
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
