"""`make smoke STACK=name`: the scripted user on a stack that holds other images too."""

from __future__ import annotations

import time

import pytest

from local.smoke import visit_and_clean
from local.stack import SAMPLES, LocalStack
from local.user import User


@pytest.mark.parametrize("writes", [True, False])
def test_the_scripted_user_leaves_a_stack_as_it_was(
    writes: bool, local: LocalStack, capsys: pytest.CaptureFixture[str]
) -> None:
    user = User(local)
    user.put("mine.jpg", next(SAMPLES.rglob("cat-chelsea.jpg")).read_bytes())
    user.wait_until_indexed("mine.jpg")

    before = _keys(user)

    visit_and_clean(user, f"smoke-{writes}/", writes, time.perf_counter())

    assert "mine.jpg" in before
    assert _keys(user) == before
    assert len(capsys.readouterr().out.splitlines()) == 7


def _keys(user: User) -> list[str]:
    listed = user.s3.list_objects_v2(Bucket=user.bucket)["Contents"]
    return [item["Key"] for item in listed]
