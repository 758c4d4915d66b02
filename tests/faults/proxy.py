"""A proxy that injects faults into the requests that pass through it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler
from queue import Queue

from tests.unit.servers import handled_by

# Above what the index function waits for an answer of the index.
_SLOW_SECONDS = 3.2
# How long a write that was accepted does not show.
_HIDDEN_SECONDS = 0.5
_WRITES = ("/vectors/upsert", "/vectors/delete")
# Of one connection; each has its own.
_HOP = ("transfer-encoding", "content-length", "connection", "date", "server")


class Proxy:
    """Passes requests on to a port of this machine, unless `fault` chooses a fault for one."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.fault: Callable[[Exchange], Fault | None] = untroubled
        self.spoiled = 0
        self.choosing = threading.Lock()
        self.hidden: Queue[Exchange] = Queue()
        self.url = ""


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer."""

    protocol_version = "HTTP/1.1"
    proxy: Proxy
    body: bytes

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client is gone
            super().handle()

    def serve(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with self.proxy.choosing:
            fault = self.proxy.fault(self)
            self.proxy.spoiled += fault is not None
        try:
            (fault or pass_on)(self)
        except (OSError, HTTPException):
            self.close_connection = True  # the server is down

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = serve

    def asked(self) -> tuple[HTTPResponse, bytes]:
        """The true answer."""
        connection = HTTPConnection("127.0.0.1", self.proxy.port, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name != "Expect"}
        connection.request(self.command, self.path, self.body, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer, data

    def reply(self, status: int, headers: list[tuple[str, str]], length: int, data: bytes) -> None:
        """Answer with data and a Content-Length, which may be that of more data."""
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


Fault = Callable[[Exchange], None]


def untroubled(_: Exchange) -> None:
    """No request meets a fault."""


def pass_on(exchange: Exchange) -> None:
    answer, data = exchange.asked()
    length = int(answer.headers.get("Content-Length", len(data)))  # that of a HEAD is not its own
    exchange.reply(answer.status, answer.getheaders(), length, data)


def refusing(status: int, data: bytes) -> Fault:
    """Answers with an error, and passes nothing on."""

    def refuse(exchange: Exchange) -> None:
        exchange.reply(status, [("Content-Type", "application/xml")], len(data), data)

    return refuse


def be_slow(exchange: Exchange) -> None:
    """Pass the request on, and answer after the client has given up."""
    exchange.asked()
    time.sleep(_SLOW_SECONDS)
    exchange.close_connection = True


def cut(exchange: Exchange) -> None:
    """Breaks the answer off half way."""
    answer, data = exchange.asked()
    if data:
        exchange.reply(answer.status, answer.getheaders(), len(data), data[: len(data) // 2])
    exchange.close_connection = True


def lose(exchange: Exchange) -> None:
    """Pass the request on and drop the answer."""
    exchange.asked()
    exchange.close_connection = True


def hide(exchange: Exchange) -> None:
    """Accepts a write that shows later; writes keep their order."""
    if not exchange.path.endswith(_WRITES):
        return pass_on(exchange)
    exchange.proxy.hidden.put(copy(exchange))  # the next request uses the same one
    return exchange.reply(200, [("Content-Type", "application/json")], 2, b"{}")


@contextmanager
def spoiling(port: int) -> Iterator[Proxy]:
    """A proxy of a port, on a free port."""
    proxy = Proxy(port)
    handler = type("Handler", (Exchange,), {"proxy": proxy})
    threading.Thread(target=_show, args=(proxy.hidden,), daemon=True).start()
    with handled_by(handler) as proxy.url:
        yield proxy


def _show(hidden: Queue[Exchange]) -> None:
    while True:
        exchange = hidden.get()
        time.sleep(_HIDDEN_SECONDS)
        exchange.asked()
        hidden.task_done()
