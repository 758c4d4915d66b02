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


@dataclass
class RuntimeApi:
    """The event of one process, and what it asks and answers."""

    address: str = ""
    events: Queue[bytes] = field(default_factory=Queue)
    requests: Queue[tuple[str, str, int]] = field(default_factory=Queue)
    """The kind (`restore` or `next`, `response` or `error`), the body, the monotonic ns."""
    cpu_ms: float = 0
    """What the process used, once it has ended."""

    def wait_for(self, kind: str) -> tuple[str, int]:
        """Wait for the next request of the function: its body and when it came.

        Raises:
            FunctionError: it is of another kind, such as an error.
        """
        got, body, moment = self.requests.get(timeout=_DEADLINE_SECONDS)
        if got != kind:
            raise FunctionError(f"{got} in place of {kind}: {body}")
        return body, moment


@contextmanager
def serving(event: object) -> Iterator[RuntimeApi]:
    """A Runtime API on a free port until the block ends."""
    api = RuntimeApi()
    api.events.put(json.dumps(event).encode())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # one packet for head and body

        def do_GET(self) -> None:
            """A restore is answered at once; the request for an event when there is one."""
            kind = "restore" if "/restore/" in self.path else "next"
            api.requests.put((kind, "", time.monotonic_ns()))
            self._answer(200, api.events.get() if kind == "next" else b"")

        def do_POST(self) -> None:
            """An answer or an error."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            api.requests.put((self.path.rpartition("/")[2], body, time.monotonic_ns()))
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
    def handle_error(self, *_: Any) -> None:
        """A function that is stopped hangs up."""
