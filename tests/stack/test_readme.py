"""The commands of the README work as printed."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from deploy.stack import ROOT
from local.demo import instructions
from local.stack import SAMPLES, LocalStack
from local.user import User

_SECTION = re.search(
    r"## Search from the shell.*?```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
)
assert _SECTION
COMMANDS = _SECTION[1].splitlines()
_SAMPLES = ("animals/cat-chelsea.jpg", "animals/red-panda.jpg", "space/earthrise.jpg")


@pytest.fixture(scope="module")
def site(local: LocalStack) -> str:
    """The URL as `make demo` prints it; the stack has the images that the README names."""
    user = User(local)
    for key in _SAMPLES:
        user.put(key, (SAMPLES / key).read_bytes())
    for key in _SAMPLES:
        user.wait_until_indexed(key)
    printed = re.search(r"Open +(\S+)", instructions(local, ROOT / ".demo"))
    assert printed
    return printed[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_works(command: str, site: str) -> None:
    done = run(command, site)

    assert done.returncode == 0, done.stdout + done.stderr
    if "DELETE" not in command:
        assert json.loads(done.stdout)


def test_the_search_that_the_demo_prints_finds_images(site: str, local: LocalStack) -> None:
    printed = re.search(r"Search +(.*)", instructions(local, ROOT / ".demo"))
    assert printed

    done = run(printed[1], site)

    assert json.loads(done.stdout)["matches"]


def run(command: str, site: str) -> subprocess.CompletedProcess[str]:
    """Run it in a shell that has SITE; an HTTP error is an error."""
    return subprocess.run(
        ["bash", "-c", command.replace("curl ", "curl --silent --show-error --fail-with-body ")],
        cwd=ROOT,
        env={**os.environ, "SITE": site},
        capture_output=True,
        text=True,
        check=False,
    )
