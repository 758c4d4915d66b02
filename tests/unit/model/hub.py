"""A model hub on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.unit.servers import handled_by


class Hub:
    """Its files, its faults, and the requests that it received."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.status = 0
        """Answered to every request if set."""
        self.breaks_after: int | None = None
        """Bytes, after which the connection is closed."""
        self.asked: list[dict[str, str]] = []
        self.url = ""

    def has(self, path: str, data: bytes) -> None:
        """Serve a file under `/path`, in every repository and revision."""
        self.files[path] = data


@contextmanager
def hub_on_this_machine() -> Iterator[Hub]:
    """Serve on a free port."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked.append(dict(self.headers))
            data = next((d for path, d in hub.files.items() if self.path.endswith(path)), None)
            if hub.status or data is None:
                self.send_error(hub.status or 404)
                return
            wanted = self.headers.get("Range")
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(data[start : hub.breaks_after])

        def log_message(self, *_: object) -> None:
            pass

    with handled_by(Handler) as hub.url:
        yield hub
