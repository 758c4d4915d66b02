"""Runs servers as child processes, and stops them with all their children."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

_START_SECONDS = 60
# A server writes its state before it stops.
_STOP_SECONDS = 30
_POLL_SECONDS = 0.05


class ServiceError(Exception):
    """A server did not start; the message names the cause and the log."""


@contextmanager
def running(
    command: Sequence[str], ready: str, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends.

    The server gets a session of its own: Ctrl-C in the terminal reaches only this process, which
    then stops its servers in order.

    Raises:
        ServiceError: it stopped, or `ready` did not answer in time.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    try:
        _wait(process, ready, log)
        yield process
    finally:
        _stop(process)


def free_port() -> int:
    """A port on which nothing listens at present."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(port: int) -> None:
    """Check that a port is free.

    Raises:
        ServiceError: it is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise ServiceError(
                f"port {port} is taken: stop what listens there, or make demo PORT=…"
            ) from None


def _wait(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with httpx.Client(timeout=1) as client:
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(httpx.TransportError):
                client.get(ready)
                return
            time.sleep(_POLL_SECONDS)
    raise ServiceError(f"{log.stem} did not start; {log} says why")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    try:
        os.killpg(process.pid, signal.SIGKILL)  # the children that it left, or the server itself
    except ProcessLookupError:
        return
    process.wait()
