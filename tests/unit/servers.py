"""Small HTTP servers for tests of clients."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A client that waits for a hanging server is answered in the end, so that its test fails.
_LONGEST_SECONDS = 15


class Answers:
    """The answer of a server, and the requests that it received."""

    def __init__(self) -> None:
        self.status = 200
        self.pause = "0"
        self.body = b"{}"
        self.asked: list[tuple[str, str, bytes]] = []
        self.headers: list[Mapping[str, str]] = []
        self.url = ""
        self.answering = threading.Event()
        """Cleared by a test in which the server hangs."""
        self.answering.set()


@contextmanager
def serving() -> Iterator[Answers]:
    """A server on a free port that gives the same answer to every request."""
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answers.asked.append((self.command, self.path, body))
            answers.headers.append(dict(self.headers))
            answers.answering.wait(_LONGEST_SECONDS)
            with suppress(OSError):  # the client may have given up
                self.send_response(answers.status)
                self.send_header("Retry-After", answers.pause)
                self.send_header("Content-Length", str(len(answers.body)))
                self.end_headers()
                self.wfile.write(answers.body)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *_: object) -> None:
            pass

    with handled_by(Handler) as answers.url:
        try:
            yield answers
        finally:
            answers.answering.set()


@contextmanager
def handled_by(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free port until the block ends; gives the URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
