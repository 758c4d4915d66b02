"""`python -m local.vector_index --port 5081 --data DIR`: the index alone."""

import argparse
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from .app import create_app
from .database import UnusableDataError
from .grpc import RestProtocol

# Clients keep connections for seconds and fail where one is closed as they send.
_KEEP_ALIVE_SECONDS = 75
HOST = "127.0.0.1"  # any key is accepted, so nobody else may reach it


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    options = _options()
    try:
        app = create_app(options.data)
        listener = _listener(options.port)
    except (UnusableDataError, OSError) as error:
        sys.exit(f"vector index: {error}")
    # uvicorn raises the signal again when it has shut down; the default is an unclean exit
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: sys.exit(0))
    _announce(*listener.getsockname())
    config = uvicorn.Config(
        app,
        http=RestProtocol,
        log_level="warning",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="local.vector_index", description=__doc__)
    parser.add_argument("--port", type=int, default=5081, help="0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    return parser.parse_args()


def _listener(port: int) -> socket.socket:
    listener = socket.create_server((HOST, port))
    # connections inherit it; without it each answer waits 40 ms for the client's delayed ACK
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _announce(host: str, port: int) -> None:
    url = f"http://{host}:{port}"
    print(
        f"vector index on {url}, REST only\n"
        f'  Python  Pinecone(api_key="any", host="{url}")\n'
        f'  Node    new Pinecone({{ apiKey: "any", controllerHostUrl: "{url}" }})',
        flush=True,
    )


if __name__ == "__main__":
    main()
