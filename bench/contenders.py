"""The processes of one runtime, measured from outside."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Images that a process is given at a time; a runtime may divide them further.
_BATCH = 8
# Of one measurement, about: a batch that has begun is finished.
_SECONDS = 1.5


class Contender:
    """All processes of a runtime, with their models loaded."""

    def __init__(self, command: Sequence[str], processes: int = 1) -> None:
        """Start them."""
        self._command, pipe = command, subprocess.PIPE
        self._processes = [
            subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(processes)
        ]
        self._cpu = dict.fromkeys(self._processes, 0.0)
        for process in self._processes:
            self._read(process)

    def close(self) -> None:
        """End them."""
        for process in self._processes:
            process.communicate()

    def speed(self, paths: Sequence[str]) -> tuple[float, float]:
        """Seconds that an image takes all processes together, and seconds of their processors.

        The first image follows on the last.
        """
        batches = cycle(paths[at : at + _BATCH] for at in range(0, len(paths), _BATCH))
        used, end = sum(self._cpu.values()), time.perf_counter() + _SECONDS

        def work(process: subprocess.Popen[str]) -> tuple[int, float]:
            done, start = 0, time.perf_counter()
            while time.perf_counter() < end:
                done += len(self._ask(process, images=next(batches)))
            return done, time.perf_counter() - start

        with ThreadPoolExecutor(len(self._processes)) as pool:
            finished = list(pool.map(work, self._processes))
        rate = sum(done / seconds for done, seconds in finished)
        return 1 / rate, (sum(self._cpu.values()) - used) / sum(done for done, _ in finished)

    def vectors(self, **request: Any) -> NDArray[np.float32]:
        """The vectors of `images` or of a `text`, (n, dimension), of length one."""
        vectors = np.array(self._ask(self._processes[0], **request), np.float32)
        units: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return units

    def text_seconds(self, text: str) -> float:
        """Seconds that one text takes."""
        begin = time.perf_counter()
        self.vectors(text=text)
        return time.perf_counter() - begin

    def start_seconds(self, path: str) -> float:
        """Seconds from the start of another process to its first vector."""
        begin = time.perf_counter()
        with closing(Contender(self._command)) as another:
            another.vectors(images=[path])
            return time.perf_counter() - begin

    def _ask(self, process: subprocess.Popen[str], **request: Any) -> list[list[float]]:
        print(json.dumps(request), file=process.stdin, flush=True)
        return self._read(process)

    def _read(self, process: subprocess.Popen[str]) -> list[list[float]]:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise SystemExit(f"{process.args!r} failed")
        answer = json.loads(line)
        self._cpu[process] = answer["cpu"]
        return list(answer["vectors"])
