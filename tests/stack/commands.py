"""Commands of deploy/, as make runs them."""

from __future__ import annotations

import subprocess
import sys


def start(command: str, *arguments: str) -> subprocess.Popen[str]:
    """Begin to run a command; what it says is not shown."""
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


def is_consistent(*arguments: str) -> bool:
    """Whether doctor finds no difference."""
    examined = run("doctor", *arguments)
    print(examined.stdout, examined.stderr)  # which pytest shows where it does not come true
    return examined.returncode == 0
