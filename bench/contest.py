"""Runs contenders as processes and measures them from outside."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from bench.install import environment
from bench.places import BUILD


class ContenderError(Exception):
    """A contender ended before it answered."""


@dataclass(frozen=True)
class Contender:
    """How to start one."""

    name: str
    command: tuple[str, ...]
    processes: int = 1
    portion: int | None = None
    """Pictures that one process is given at a time, where there are several; None is all."""


@dataclass(frozen=True)
class Speed:
    """One job's wall clock and processor time, in seconds per picture."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Start:
    """Seconds from the start of a process until it is loaded, and until its first vector."""

    loaded: float
    embedded: float
    cpu: float
    """Of processor time, until the first vector."""


class _Process:
    """One running contender."""

    def __init__(self, contender: Contender) -> None:
        self._log = BUILD / f"{re.sub('[^a-z0-9]+', '-', contender.name.lower())}.log"
        with self._log.open("a") as log:  # there may be several, now and later
            self._popen = subprocess.Popen(
                contender.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment(),
            )
        self.last: dict[str, Any] = {}
        """What it said last."""

    def listen(self) -> dict[str, Any]:
        """Wait for its next line.

        Raises:
            ContenderError: it has ended.
        """
        line = self._popen.stdout.readline() if self._popen.stdout else ""
        if not line:
            raise ContenderError(f"a contender failed: {self._log} says why")
        self.last = json.loads(line)
        return self.last

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for the answer."""
        if self._popen.stdin:
            self._popen.stdin.write(json.dumps(request) + "\n")
            self._popen.stdin.flush()
        return self.listen()

    def close(self) -> None:
        """End it."""
        self._popen.communicate()


class Team:
    """A contender's running processes; a context manager."""

    def __init__(self, contender: Contender) -> None:
        self.contender = contender
        self._processes = [_Process(contender) for _ in range(contender.processes)]
        for process in self._processes:
            process.listen()

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.close()

    @property
    def memory(self) -> int:
        """The most bytes that its processes have held, added up."""
        return sum(process.last["memory"] for process in self._processes)

    @property
    def _cpu(self) -> float:
        return float(sum(process.last["cpu"] for process in self._processes))

    def embed(self, pictures: Sequence[str]) -> Speed:
        """Embed pictures with all processes."""
        portions: SimpleQueue[Sequence[str]] = SimpleQueue()
        size = self.contender.portion or len(pictures)
        for at in range(0, len(pictures), size):
            portions.put(pictures[at : at + size])
        cpu, start = self._cpu, time.perf_counter()
        with ThreadPoolExecutor(len(self._processes)) as threads:
            list(threads.map(lambda process: _work(process, portions), self._processes))
        wall = time.perf_counter() - start
        return Speed(wall / len(pictures), (self._cpu - cpu) / len(pictures))

    def embed_text(self, text: str) -> float:
        """Embed one text with one process; seconds."""
        return float(self._processes[0].ask(text=text)["seconds"])

    def vectors(self, pictures: Sequence[str]) -> list[list[float]]:
        """The pictures' vectors."""
        answer = self._processes[0].ask(pictures=list(pictures), vectors=True)
        return list(answer["vectors"])


def _work(process: _Process, portions: SimpleQueue[Sequence[str]]) -> None:
    while True:
        try:
            process.ask(pictures=portions.get_nowait())
        except Empty:
            return


def start(contender: Contender, picture: Path | str) -> Start:
    """Start one process, embed one picture, end it."""
    begin = time.perf_counter()
    process = _Process(contender)
    try:
        process.listen()
        loaded = time.perf_counter() - begin
        cpu = process.ask(pictures=[str(picture)])["cpu"]
        return Start(loaded, time.perf_counter() - begin, cpu)
    finally:
        process.close()
