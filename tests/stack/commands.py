"""Commands of deploy/, as make runs them, and what doctor compares without one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from io import StringIO
from unittest.mock import patch

from deploy.doctor import checker, summary
from image_search.consistency import ConsistencyChecker
from image_search.uploads_queue import UploadsQueue
from image_search.walk import compare
from local.user import until

_PATIENCE_SECONDS = 60


def start(command: str, *arguments: str) -> subprocess.Popen[str]:
    """Begin to run a command as a process; its output is captured."""
    return subprocess.Popen(
        [sys.executable, "-m", f"deploy.{command}", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in this process: another one would import everything again."""
    output, errors = StringIO(), StringIO()
    words = [command, *arguments]
    with patch.object(sys, "argv", words), redirect_stdout(output), redirect_stderr(errors):
        try:
            status = import_module(f"deploy.{command}").main()
        except SystemExit as ended:
            status = ended.code
    return subprocess.CompletedProcess(words, status, output.getvalue(), errors.getvalue())


def wait_until_consistent(*stacks: Mapping[str, str]) -> None:
    """Return when no event waits and doctor finds no difference in any of these stacks.

    What earlier tests did may still be on its way.
    """
    looks = [(UploadsQueue(outputs["UploadsQueue"]), checker(outputs)) for outputs in stacks]
    until(
        lambda: all(_is_consistent(*look) for look in looks),
        "bucket and index differ",
        _PATIENCE_SECONDS,
    )


def _is_consistent(queue: UploadsQueue, checker: ConsistencyChecker) -> bool:
    if queue.waiting():
        return False
    report = compare(checker)
    print("\n".join(summary(report, ())))  # which pytest shows if this never becomes true
    return report.discrepancies == 0
