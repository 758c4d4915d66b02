"""A few objects through some faults of `python -m tests.faults`."""

from __future__ import annotations

import random
from pathlib import Path

from tests.faults.collection import Collection
from tests.faults.schedule import FAULTS, Rehearsal, rehearse
from tests.faults.site import faulty_site

# Those that only a whole stack can show, and that take a few seconds each.
_SOME = (
    "the index accepts and shows later",
    "the function is killed between upsert and acknowledgement",
    "no event comes, and the repair is killed",
    "the emulator is stopped and restarted",
    "S3 refuses some objects until that is repaired",
)


def test_index_and_bucket_agree_after_every_fault(tiny_bundle: Path, tmp_path: Path) -> None:
    with faulty_site(tmp_path, tiny_bundle) as site:
        collection = Collection(site.local.images_bucket, seed=1)
        rehearsal = Rehearsal(site, collection, random.Random(1), late=3)

        rehearse(rehearsal, 6, {name: FAULTS[name] for name in _SOME})

        assert tuple(rehearsal.survived) == _SOME
