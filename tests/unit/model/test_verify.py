"""One command shows what each precision does to a model."""

import sys

import pytest

from model import verify
from model.towers import table
from model.towers.quantise import Int8Weights
from tests.unit.model.conftest import tiny_entry
from tests.unit.pictures import encoded, photo


@pytest.mark.parametrize(
    ("changes", "precisions"),
    [({}, {"fp32", "int8", "int8-reduced"}), ({"vision_tower": None}, {"fp32", "int8-weights"})],
)
def test_every_precision_has_a_row_for_each_tower(
    changes, precisions, hub, tmp_path, monkeypatch, capsys
):
    tiny = tiny_entry(monkeypatch, **changes)
    monkeypatch.setattr(verify, "entry", lambda _: tiny)
    for size in range(12):
        (tmp_path / f"{size}.png").write_bytes(encoded(photo(40 + size, 60)))
    monkeypatch.setattr(verify, "SAMPLES", tmp_path)
    monkeypatch.setattr(table, "Int8Weights", lambda: Int8Weights(block=32))
    monkeypatch.setattr(sys, "argv", ["verify", "tiny"])

    assert verify.main() == 0

    rows = [line.split("|") for line in capsys.readouterr().out.splitlines() if "|" in line]
    for tower in ("vision", "text"):
        assert tower in {row[1].strip() for row in rows}
    assert precisions <= {row[1].strip() for row in rows}
    worst = [row for row in rows if row[1].strip() == "fp32"]
    assert all(row[5].strip() == "1.0000" for row in worst)


def test_an_unknown_model_ends_in_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["verify", "nope"])

    assert verify.main() == 1

    assert "there is no model 'nope'" in capsys.readouterr().err
