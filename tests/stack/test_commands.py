"""Commands explain in a sentence why a stack does not fit them."""

from __future__ import annotations

import pytest

from local.stack import LocalStack
from tests.stack.commands import run, start


@pytest.mark.parametrize("command", ["destroy", "doctor", "redrive", "switch"])
def test_a_stack_that_is_not_there_is_named(command: str, local: LocalStack) -> None:
    ended = run(command, "--name", "nowhere")

    assert ended.returncode == 2
    assert ended.stderr == (
        f"make {command}: there is no stack 'nowhere' in this account and region\n"
    )


def test_a_command_runs_as_a_module(local: LocalStack) -> None:
    process = start("redrive", "--name", "nowhere")

    _, errors = process.communicate()

    assert (process.returncode, errors) == (
        2,
        "make redrive: there is no stack 'nowhere' in this account and region\n",
    )


@pytest.mark.parametrize("words", [["doctor", "--other"], ["switch"]])
def test_what_needs_another_bundle_says_how_to_add_one(words: list[str], local: LocalStack) -> None:
    ended = run(*words)

    assert ended.returncode == 2
    assert ended.stderr == (
        f"make {words[0]}: there is one bundle; make deploy BESIDE=1 MODEL=… adds another\n"
    )
