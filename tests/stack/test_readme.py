"""What the README tells people to type works."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from deploy.stack import ROOT
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
    """The address, with the images that the README speaks of."""
    user = User(local)
    for key in _SAMPLES:
        user.put(key, (SAMPLES / key).read_bytes())
    for key in _SAMPLES:
        user.wait_until_indexed(key)
    return local.address.rstrip("/")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_works(command: str, site: str) -> None:
    fails_on_errors = command.replace("curl ", "curl --silent --show-error --fail-with-body ")

    done = subprocess.run(
        ["bash", "-c", fails_on_errors],
        cwd=ROOT,
        env={**os.environ, "SITE": site},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    if "DELETE" not in command:
        assert json.loads(done.stdout)
