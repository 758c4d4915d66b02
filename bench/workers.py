"""The processes of one runtime, measured from outside."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from bench.install import environment
from bench.measure import BUILD

_LOG = BUILD / "runtimes.log"
# Images that a process is given at a time; a runtime may divide them further.
_BATCH = 8
# Of one measurement, about: a batch that has begun is finished.
_SECONDS = 1.5


class RuntimeFailedError(Exception):
    """A process ended before it answered."""


@dataclass(frozen=True)
class Runtime:
    """How to start one."""

    command: tuple[str, ...]
    processes: int = 1


@dataclass(frozen=True)
class Usage:
    """Wall clock and processor time of an image, in seconds."""

    wall: float
    cpu: float


class _Process:
    """One running program that speaks the protocol."""

    def __init__(self, runtime: Runtime) -> None:
        pipe, self._command = subprocess.PIPE, " ".join(runtime.command)
        with _LOG.open("a") as log:
            self._popen = subprocess.Popen(
                runtime.command, stdin=pipe, stdout=pipe, stderr=log, text=True, env=environment()
            )
        self.last = self._read()

    def _read(self) -> dict[str, Any]:
        line = self._popen.stdout.readline() if self._popen.stdout else ""
        if not line:
            raise RuntimeFailedError(f"{self._command} failed: {_LOG} says why")
        self.last = json.loads(line)
        return self.last

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for the answer."""
        if self._popen.stdin:
            self._popen.stdin.write(json.dumps(request) + "\n")
            self._popen.stdin.flush()
        return self._read()

    def close(self) -> None:
        """End it."""
        self._popen.communicate()


class Workers:
    """All processes of a runtime, loaded."""

    def __init__(self, processes: Sequence[_Process]) -> None:
        self._processes = processes

    @property
    def memory(self) -> int:
        """The most bytes that the processes have held, added up."""
        return sum(process.last["memory"] for process in self._processes)

    def speed(self, paths: Sequence[str]) -> Usage:
        """The seconds per image of all processes together.

        The images are embedded again from the first one when the last is done.
        """
        batches = cycle(paths[at : at + _BATCH] for at in range(0, len(paths), _BATCH))
        before, end = self._cpu, time.perf_counter() + _SECONDS

        def work(process: _Process) -> tuple[int, float]:
            done, start = 0, time.perf_counter()
            while time.perf_counter() < end:
                done += len(process.ask(images=next(batches))["vectors"])
            return done, time.perf_counter() - start

        with ThreadPoolExecutor(len(self._processes)) as pool:
            work_done = list(pool.map(work, self._processes))
        images = sum(done for done, _ in work_done)
        rate = sum(done / seconds for done, seconds in work_done)
        return Usage(1 / rate, (self._cpu - before) / images)

    def vectors(self, paths: Sequence[str]) -> list[list[float]]:
        """The vectors of these images."""
        return list(self._processes[0].ask(images=list(paths))["vectors"])

    def text_seconds(self, text: str) -> float:
        """Seconds that the embedding of one text takes within the process."""
        return float(self._processes[0].ask(text=text)["seconds"])

    @property
    def _cpu(self) -> float:
        return float(sum(process.last["cpu"] for process in self._processes))


@contextmanager
def running(runtime: Runtime) -> Iterator[Workers]:
    """The processes of a runtime until the block ends."""
    processes = [_Process(runtime) for _ in range(runtime.processes)]
    try:
        yield Workers(processes)
    finally:
        for process in processes:
            process.close()


def start(runtime: Runtime, path: str) -> float:
    """Seconds from the start of a process to its first vector; ends it."""
    begin = time.perf_counter()
    process = _Process(runtime)
    try:
        process.ask(images=[path])
        return time.perf_counter() - begin
    finally:
        process.close()
