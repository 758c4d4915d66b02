"""Damaged and hostile images against the index function: `make fuzz`.

Each is indexed or rejected with a reason, within five seconds and the function's memory; the exit
status is 1 if one is not. An input is made from the seed and its number alone:
`python -m tests.fuzz.worker SEED NUMBER STOP 1 1` does it again.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Queue
from typing import Any

from tqdm import tqdm

_NAMED = 5
# Of the index function, as the template sets it.
ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": "8388608",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass
class Report:
    """What became of all inputs."""

    states: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest: list[tuple[float, str]] = field(default_factory=list)
    largest: list[tuple[float, str]] = field(default_factory=list)

    def add(self, answer: dict[str, Any]) -> None:
        """Count one input."""
        state, reason, name = answer["state"], answer["reason"], answer["name"]
        self.states[f"{state}: {reason}" if reason else state] += 1
        if state not in ("indexed", "rejected") or "MemoryError" in answer["error"]:
            self.findings.append(f"{answer['number']} ({name}): {state} {answer['error']}")
        self.slowest = sorted([*self.slowest, (answer["seconds"], name)])[-_NAMED:]
        self.largest = sorted([*self.largest, (answer["megabytes"], name)])[-_NAMED:]

    def lines(self) -> Iterator[str]:
        """The report."""
        yield from (f"{total:>9}  {state}" for state, total in self.states.most_common())
        yield from (f"{seconds:>7.2f} s  {name}" for seconds, name in reversed(self.slowest))
        yield from (f"{size:>6} MB  {name}" for size, name in reversed(self.largest))
        yield from (f"  FOUND  {finding}" for finding in self.findings)


def main() -> int:
    """Run, and print the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.images", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    report = fuzz(options.inputs, options.seed, options.processes, large=True)
    print("\n".join(report.lines()))
    return int(bool(report.findings))


def fuzz(inputs: int, seed: int, processes: int, *, large: bool) -> Report:
    """Index a number of inputs; the first are the `large` ones, which take a minute together."""
    report, answers = Report(), Queue[dict[str, Any] | None]()
    with ThreadPoolExecutor(processes) as pool:
        for number in range(processes):
            pool.submit(_work, answers, [seed, number, inputs, processes, int(large)])
        for _ in tqdm(range(inputs), unit=" images", leave=False, disable=not large):
            answer = answers.get()
            if answer is None:
                break
            report.add(answer)
    return report


def _work(answers: Queue[dict[str, Any] | None], arguments: list[int]) -> None:
    """Run workers, each from where the one before died."""
    seed, number, stop, step, large = arguments
    while number < stop:
        command = [sys.executable, "-m", "tests.fuzz.worker"]
        process = subprocess.Popen(
            [*command, *map(str, (seed, number, stop, step, large))],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | ENVIRONMENT,
        )
        for line in process.stdout or ():
            answers.put(json.loads(line))
            number += step
        if process.wait() and number < stop:
            answers.put(_death(number, process.returncode))
            number += step


def _death(number: int, status: int) -> dict[str, Any]:
    how = "over the time limit" if status == -signal.SIGPROF else f"ended with status {status}"
    nothing = {"reason": "", "name": "see the worker", "seconds": 0.0, "megabytes": 0}
    return {"number": number, "state": "died", "error": how, **nothing}


if __name__ == "__main__":
    sys.exit(main())
