"""The processes of one runtime, measured from outside."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Images that a process is given at a time; a runtime may divide them further.
_BATCH = 8
# Of one measurement, about: a batch that has begun is finished.
_SECONDS = 1.5


class Usage(NamedTuple):
    """Wall clock and processor time of an image, in seconds."""

    wall: float
    cpu: float


class _Process:
    """One running program, with its model loaded."""

    def __init__(self, command: Sequence[str]) -> None:
        pipe = subprocess.PIPE
        self._popen = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        self._read()

    def ask(self, **request: Any) -> Any:
        print(json.dumps(request), file=self._popen.stdin, flush=True)
        return self._read()

    def close(self) -> None:
        self._popen.communicate()

    def _read(self) -> Any:
        line = self._popen.stdout.readline() if self._popen.stdout else ""
        if not line:
            raise SystemExit(f"{self._popen.args!r} failed")
        answer = json.loads(line)
        self.cpu = answer["cpu"]
        return answer


class Contender:
    """All processes of a runtime."""

    def __init__(self, processes: Sequence[_Process]) -> None:
        self._processes = processes

    def speed(self, paths: Sequence[str]) -> Usage:
        """What an image takes all processes together, from the first one again after the last."""
        batches = cycle(paths[at : at + _BATCH] for at in range(0, len(paths), _BATCH))
        before, end = self._cpu, time.perf_counter() + _SECONDS

        def work(process: _Process) -> tuple[int, float]:
            done, start = 0, time.perf_counter()
            while time.perf_counter() < end:
                done += len(process.ask(images=next(batches))["vectors"])
            return done, time.perf_counter() - start

        with ThreadPoolExecutor(len(self._processes)) as pool:
            finished = list(pool.map(work, self._processes))
        rate = sum(done / seconds for done, seconds in finished)
        return Usage(1 / rate, (self._cpu - before) / sum(done for done, _ in finished))

    def vectors(self, paths: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of these images, (n, dimension), of length one."""
        vectors = np.array(self._processes[0].ask(images=paths)["vectors"], np.float32)
        units: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return units

    def text_seconds(self, text: str) -> float:
        """Seconds that the embedding of one text takes within the process."""
        return float(self._processes[0].ask(text=text)["seconds"])

    @property
    def _cpu(self) -> float:
        return float(sum(process.cpu for process in self._processes))


@contextmanager
def running(command: Sequence[str], processes: int = 1) -> Iterator[Contender]:
    """The processes of a runtime until the block ends."""
    started = [_Process(command) for _ in range(processes)]
    try:
        yield Contender(started)
    finally:
        for process in started:
            process.close()


def start(command: Sequence[str], path: str) -> float:
    """Seconds from the start of a process to its first vector; ends it."""
    begin = time.perf_counter()
    with running(command) as contender:
        contender.vectors([path])
        return time.perf_counter() - begin
