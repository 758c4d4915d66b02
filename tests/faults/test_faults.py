"""Some faults of `python -m tests.faults`, during a few changes each."""

from __future__ import annotations

import random
from pathlib import Path

from tests.faults.collection import Collection
from tests.faults.schedule import FAULTS, Rehearsal, rehearse
from tests.faults.site import faulty_site

# Those that need the queue, the emulator and their retries: the function alone meets the others in
# tests/unit/test_indexing_machine.py.
_SOME = (
    "the function is killed between upsert and acknowledgement",
    "the emulator is stopped and restarted",
    "S3 refuses some objects until that is repaired",
)


def test_index_and_bucket_agree_after_every_fault(tiny_bundle: Path, tmp_path: Path) -> None:
    with faulty_site(tmp_path, tiny_bundle) as site:
        collection = Collection(site.local.images_bucket, seed=1)
        rehearsal = Rehearsal(site, collection, random.Random(1), late=3)

        rehearse(rehearsal, 4, {name: FAULTS[name] for name in _SOME})

        assert tuple(rehearsal.survived) == _SOME
