"""Where the images bucket, its index and its thumbnails disagree, one page at a time.

Three walks see everything: over the images (is each indexed or rejected?), over the records (has
each its image and its thumbnail?) and over the thumbnails (has each its image?). An image whose
event is still on its way looks like a difference.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from image_search.clutter import is_clutter
from image_search.indexing import has_thumbnail, is_current, rejection
from image_search.pinecone_index import Metadata, VectorIndex
from image_search.s3 import Bucket, ObjectInfo

MISSING = "missing"
STALE = "stale"
ORPHANED_RECORD = "orphaned record"
WRONG_THUMBNAIL = "wrong thumbnail"
ORPHANED_THUMBNAIL = "orphaned thumbnail"
# An object of the thumbnails bucket that the index function did not write; it is left alone.
FOREIGN = "foreign thumbnail"
# What is put right by indexing the key again.
MENDABLE = (MISSING, STALE, ORPHANED_RECORD, WRONG_THUMBNAIL, ORPHANED_THUMBNAIL)

WALKS = ("images", "records", "thumbnails")
# The most that S3 lists, and the most that Pinecone lists or fetches, in one request.
_OBJECTS, _RECORDS = 1000, 100
# Requests at the same time; boto3 keeps ten connections.
_WORKERS = 8
# Keys that a report names for each kind of finding.
_NAMED = 5
# A thumbnail is named by the id of its record.
_NAME = re.compile(r"(?:thumbs|previews)/([0-9a-f]{32})\.webp")
T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """One key that is worth a word: a difference, or `rejected: <reason>`, which is none."""

    kind: str
    key: str


@dataclass(frozen=True)
class Page:
    """What one step of a walk saw."""

    walk: str
    seen: int
    findings: list[Finding]
    following: str
    """Where to go on; "" at the end."""

    @property
    def differing(self) -> list[str]:
        """The keys that have to be indexed again."""
        return differing(self.findings)


def differing(findings: Iterable[Finding]) -> list[str]:
    """The keys that have to be indexed again."""
    return [finding.key for finding in findings if finding.kind in MENDABLE]


@dataclass
class Report:
    """Totals of pages, and the first keys of each kind."""

    seen: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(MENDABLE, 0)))
    first: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, page: Page) -> None:
        """Count one page."""
        self.seen[page.walk] += page.seen
        for finding in page.findings:
            self.totals[finding.kind] += 1
            if len(self.first[finding.kind]) < _NAMED:
                self.first[finding.kind].append(finding.key)

    @property
    def differences(self) -> int:
        """The number of keys that have to be indexed again."""
        return sum(self.totals[kind] for kind in MENDABLE)


@dataclass(frozen=True)
class Agreement:
    """The two buckets and the index, compared."""

    images: Bucket
    thumbnails: Bucket
    vectors: VectorIndex

    def pages(self, start: str = "") -> Iterator[Page]:
        """All walks, or what follows the place that an earlier page named.

        Raises:
            ValueError: `start` is no such place.
        """
        walk, _, cursor = (start or WALKS[0]).partition(":")
        if walk not in WALKS:
            raise ValueError(f"{start!r} is no place in {', '.join(WALKS)}")
        walks = WALKS[WALKS.index(walk) :]
        for name, after in pairwise((*walks, "")):
            more = True
            while more:
                seen, findings, cursor = self._step(name)(cursor)
                more = bool(cursor)
                place = f"{name}:{cursor}" if more else after and f"{after}:"
                yield Page(name, seen, findings, place)

    def _step(self, walk: str) -> Callable[[str], tuple[int, list[Finding], str]]:
        steps = {"images": self._images, "records": self._records, "thumbnails": self._thumbnails}
        return steps[walk]

    def examine(self, infos: list[ObjectInfo]) -> list[Finding]:
        """Which of these images are missing from the index, stale in it or rejected."""
        indexed = self._fetched(self.vectors.fetch, [info.key for info in infos])
        return _found(lambda info: self._image(info, indexed.get(info.key)), infos)

    def _images(self, cursor: str) -> tuple[int, list[Finding], str]:
        infos, following = self.images.page("", cursor, _OBJECTS)
        infos = [info for info in infos if not is_clutter(info.key)]
        return len(infos), self.examine(infos), following

    def _image(self, info: ObjectInfo, metadata: Metadata | None) -> Finding | None:
        if metadata:
            return None if is_current(metadata, info) else Finding(STALE, info.key)
        reason = rejection(self.images, info.key)
        return Finding(f"rejected: {reason}" if reason else MISSING, info.key)

    def _records(self, cursor: str) -> tuple[int, list[Finding], str]:
        records, following = self.vectors.page(cursor, _RECORDS)
        return len(records), _found(self._record, records), following

    def _record(self, metadata: Metadata) -> Finding | None:
        info = self.images.info(metadata.key)
        if info is None:
            return Finding(ORPHANED_RECORD, metadata.key)
        if is_current(metadata, info) and not has_thumbnail(self.thumbnails, metadata):
            return Finding(WRONG_THUMBNAIL, metadata.key)
        return None

    def _thumbnails(self, cursor: str) -> tuple[int, list[Finding], str]:
        infos, following = self.thumbnails.page("", cursor, _OBJECTS)
        ids = {info.key: match[1] for info in infos if (match := _NAME.fullmatch(info.key))}
        indexed = self._fetched(self.vectors.fetch_ids, list(ids.values()))
        alone = [info.key for info in infos if ids.get(info.key) not in indexed]
        return len(infos), _found(self._thumbnail, alone), following

    def _thumbnail(self, name: str) -> Finding | None:
        """One that has no record."""
        source = self.thumbnails.source(name)
        if source is None:
            return Finding(FOREIGN, name)
        if self.images.info(source.key) is None or rejection(self.images, source.key):
            return Finding(ORPHANED_THUMBNAIL, source.key)
        return None  # the walk over the images sees that it has no record

    def _fetched(
        self, fetch: Callable[[Sequence[str]], dict[str, Metadata]], names: list[str]
    ) -> dict[str, Metadata]:
        parts = [names[start : start + _RECORDS] for start in range(0, len(names), _RECORDS)]
        with ThreadPoolExecutor(_WORKERS) as pool:
            return {name: found for part in pool.map(fetch, parts) for name, found in part.items()}


def _found(look: Callable[[T], Finding | None], items: Iterable[T]) -> list[Finding]:
    with ThreadPoolExecutor(_WORKERS) as pool:
        return [finding for finding in pool.map(look, items) if finding]
