"""A few of the inputs of `make fuzz`, in a process with the function's memory."""

import pytest

from tests.fuzz.images import Report, fuzz
from tests.fuzz.worker import image


def test_every_damaged_or_hostile_image_is_indexed_or_rejected_with_a_reason():
    report = fuzz(120, seed=1, processes=1, large=False)

    assert report.findings == []
    assert report.states.total() == 120
    rejected = sum(report.states.values()) - report.states["indexed"]
    assert min(report.states["indexed"], rejected) > 10


def test_an_input_is_the_same_each_time():
    for number in (0, 199, 200, 500):
        assert image(1, number, large=False) == image(1, number, large=False)


@pytest.mark.parametrize(
    ("state", "error"), [("failed", "KeyError: 'a'"), ("rejected", "MemoryError"), ("died", "")]
)
def test_whatever_is_neither_indexed_nor_rejected_well_is_found(state, error):
    report = Report()

    cost = {"seconds": 0.1, "megabytes": 100}
    report.add({"number": 7, "name": "png", "state": state, "reason": "", "error": error} | cost)

    assert len(report.findings) == 1
