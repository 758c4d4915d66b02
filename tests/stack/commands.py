"""Commands of deploy/, as make runs them, and what doctor compares without one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from deploy.doctor import checker, summary
from image_search.uploads_queue import UploadsQueue
from image_search.walk import compare


def start(command: str, *arguments: str) -> subprocess.Popen[str]:
    """Begin to run a command; its output is captured."""
    return subprocess.Popen(
        [sys.executable, "-m", f"deploy.{command}", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    process = start(command, *arguments)
    output, errors = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def is_consistent(outputs: Mapping[str, str]) -> bool:
    """Whether no event waits and doctor finds no difference in a stack.

    What earlier tests did may still be on its way. A process for each look would take seconds.
    """
    if UploadsQueue(outputs["UploadsQueue"]).waiting():
        return False
    report = compare(checker(outputs))
    print("\n".join(summary(report, ())))  # which pytest shows if this never becomes true
    return report.discrepancies == 0
