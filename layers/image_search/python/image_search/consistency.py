"""Compares the images bucket, the vector index and the thumbnails bucket.

Three comparisons see everything: of images (is each one indexed or rejected?), of records (does
each one have its image and its thumbnail?) and of thumbnails and rejections (does each one have its
image?). An image whose event is still on its way looks like a discrepancy.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from image_search.clutter import is_clutter
from image_search.freshness import is_current
from image_search.pinecone_index import VectorIndex
from image_search.records import Metadata
from image_search.rejections import read_rejection, rejection_of
from image_search.s3 import Bucket
from image_search.s3_objects import ObjectInfo
from image_search.thumbnails import TRASH, has_thumbnail

MISSING = "missing"
STALE = "stale"
ORPHANED_RECORD = "orphaned record"
WRONG_THUMBNAIL = "wrong thumbnail"
ORPHANED_THUMBNAIL = "orphaned thumbnail"
ORPHANED_REJECTION = "orphaned rejection"
# Indexing the key again repairs these.
REPAIRABLE = (
    *(MISSING, STALE, ORPHANED_RECORD, WRONG_THUMBNAIL),
    *(ORPHANED_THUMBNAIL, ORPHANED_REJECTION),
)
# The beginning of a kind that ends with the reason of the rejection.
REJECTED = "rejected"
# An object of the thumbnails bucket that the index function did not write; it is left alone.
FOREIGN = "foreign thumbnail"

# Requests to S3 at the same time; boto3 keeps ten connections.
_WORKERS = 8
# A report names this many keys of each kind.
_NAMED = 5
# A thumbnail, a preview, or the rejection in their place, is named by the id of its record.
_NAME = re.compile(r"(?:thumbs|previews)/([0-9a-f]{32})\.webp|rejected/([0-9a-f]{32})")
T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """A discrepancy, or an informational rejection."""

    kind: str
    key: str


@dataclass
class Report:
    """The number of items that were seen, the findings by kind, and the first keys of each kind."""

    seen: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(REPAIRABLE, 0)))
    first: dict[str, list[str]] = field(default_factory=dict)

    def add(self, walk: str, seen: int, findings: Iterable[Finding]) -> None:
        """Count one page of a walk."""
        self.seen[walk] += seen
        for finding in findings:
            self.totals[finding.kind] += 1
            named = self.first.setdefault(finding.kind, [])
            if len(named) < _NAMED:
                named.append(finding.key)

    def count(self, kinds: tuple[str, ...]) -> int:
        """The number of findings whose kind begins with one of these."""
        return sum(total for kind, total in self.totals.items() if kind.startswith(kinds))

    @property
    def discrepancies(self) -> int:
        """The number of keys that have to be indexed again."""
        return self.count(REPAIRABLE)


@dataclass(frozen=True)
class ConsistencyChecker:
    """Compares pages of one store with the two others."""

    images: Bucket
    thumbnails: Bucket
    vectors: VectorIndex
    prefix: str = ""
    """Only images whose keys begin with this are compared."""
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(_WORKERS))

    def check_images(self, infos: list[ObjectInfo]) -> list[Finding]:
        """Which of these images are missing from the index, stale in it or rejected."""
        infos = [info for info in infos if not is_clutter(info.key)]
        indexed = self.vectors.fetch([info.key for info in infos])
        return self._found(lambda info: self._image(info, indexed.get(info.key)), infos)

    def _image(self, info: ObjectInfo, metadata: Metadata | None) -> Finding | None:
        if metadata:
            return None if is_current(metadata, info) else Finding(STALE, info.key)
        rejection = rejection_of(self.thumbnails, info)
        return Finding(f"{REJECTED}: {rejection.reason}" if rejection else MISSING, info.key)

    def check_records(self, records: list[Metadata]) -> list[Finding]:
        """Which of these records have no image, or lack its thumbnail."""
        return self._found(self._record, [it for it in records if it.key.startswith(self.prefix)])

    def _record(self, metadata: Metadata) -> Finding | None:
        info = self.images.info(metadata.key)
        if info is None:
            return Finding(ORPHANED_RECORD, metadata.key)
        if is_current(metadata, info) and not has_thumbnail(self.thumbnails, metadata):
            return Finding(WRONG_THUMBNAIL, metadata.key)
        return None  # a stale record is found among the images

    def check_thumbnails(self, infos: list[ObjectInfo]) -> list[Finding]:
        """Which of these objects belong to no image.

        A thumbnail belongs to one that has a record or could get one, a rejection to one that has
        no record.
        """
        infos = [info for info in infos if not info.key.startswith(TRASH)]
        names = {info.key: _NAME.fullmatch(info.key) for info in infos}
        ids = {name: match[match.lastindex or 0] for name, match in names.items() if match}
        indexed = self.vectors.fetch_ids(list(ids.values()))

        def check(name: str) -> Finding | None:
            match = names[name]
            if match and match[2]:
                return self._rejection(name, indexed=ids[name] in indexed)
            return None if ids.get(name) in indexed else self._unindexed_thumbnail(name)

        return self._found(check, names)

    def _rejection(self, name: str, *, indexed: bool) -> Finding | None:
        rejection = read_rejection(self.thumbnails, name)
        if rejection is None:
            return None if self.prefix else Finding(FOREIGN, name)
        if not rejection.key.startswith(self.prefix):
            return None
        if indexed or self.images.info(rejection.key) is None:
            return Finding(ORPHANED_REJECTION, rejection.key)
        return None  # one that does not hold any more is found among the images

    def _unindexed_thumbnail(self, name: str) -> Finding | None:
        source = self.thumbnails.source(name)
        if source is None:
            return None if self.prefix else Finding(FOREIGN, name)
        if not source.key.startswith(self.prefix):
            return None
        info = self.images.info(source.key)
        if info is None or rejection_of(self.thumbnails, info):
            return Finding(ORPHANED_THUMBNAIL, source.key)
        return None  # the missing record is found among the images

    def _found(self, check: Callable[[T], Finding | None], items: Iterable[T]) -> list[Finding]:
        return [finding for finding in self._pool.map(check, items) if finding]
