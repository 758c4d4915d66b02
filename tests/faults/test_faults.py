"""A few objects through every fault of `python -m tests.faults`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.collection import Collection
from tests.faults.schedule import FAULTS, Rehearsal, rehearse
from tests.faults.site import Site, faulty_site


@pytest.fixture(scope="module")
def site(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with faulty_site(tmp_path_factory.mktemp("faults"), tiny_bundle) as site:
        yield site


def test_index_and_bucket_agree_after_every_fault(site: Site) -> None:
    rehearsal = Rehearsal(site, Collection(site.local.images_bucket, seed=1), random.Random(1))

    rehearse(rehearsal, objects=40)

    assert list(rehearsal.survived) == list(FAULTS)
