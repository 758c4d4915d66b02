"""One command shows what each precision does to a model, and whether that is near enough."""

import sys

import pytest

from model import verify
from model.clip.precisions import PRECISIONS
from tests.unit.model.conftest import tiny_entry


def test_every_precision_has_a_verdict_for_each_tower(hub, samples, monkeypatch, capsys):
    tiny_entry(hub, monkeypatch)
    monkeypatch.setattr(sys, "argv", ["verify", "tiny"])

    assert verify.main() == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    for tower in ("image", "text"):
        rows = {line[1]: line for line in lines if line[0] == tower and line[1] in PRECISIONS}
        assert set(rows) == set(PRECISIONS)
        assert rows["fp32"][-1] == "passes"
        assert [tower, "for", "arm64", "the", "build", "takes"] in [line[:6] for line in lines]


def test_a_precision_that_this_machine_cannot_compute_has_a_stand_in(
    hub, samples, monkeypatch, capsys
):
    tiny_entry(hub, monkeypatch)
    monkeypatch.setattr("model.clip.precisions.host", lambda: "x86-64")
    monkeypatch.setattr(sys, "argv", ["verify", "tiny"])

    assert verify.main() == 0

    row = next(line for line in capsys.readouterr().out.splitlines() if " int8 " in line)
    assert "measured as int8-reduced" in row


def test_an_unknown_model_ends_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["verify", "nope"])

    assert verify.main() == 1

    assert "there is no model 'nope'" in capsys.readouterr().err


@pytest.mark.parametrize("status", [404, 503])
def test_a_download_that_fails_ends_in_one_sentence(status, hub, monkeypatch, capsys):
    tiny_entry(hub, monkeypatch)
    hub.status = status
    monkeypatch.setattr(sys, "argv", ["verify", "tiny"])

    assert verify.main() == 1

    assert capsys.readouterr().err.count("\n") == 1
