"""Duplicates: images whose cosine exceeds the bundle's threshold."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from image_search.pinecone_index import Match, Metadata, VectorIndex
from image_search.s3 import Bucket

# Images compared per call: each is one query, and Pinecone allows 100 a second per namespace.
_IMAGES_PER_CALL = 50
_WORKERS = 8
# Duplicates read per image; the queries of these duplicates find any further ones.
_MOST_DUPLICATES = 100

Group = dict[str, Metadata]


@dataclass(frozen=True)
class DuplicateFinder:
    """Finds duplicates in the images bucket, page by page."""

    images: Bucket
    vectors: VectorIndex
    threshold: float

    def page(self, folder: str, cursor: str) -> tuple[list[Group], str]:
        """The groups of the next images in a folder, and the cursor of the next page.

        The cursor is "" at the end.

        A pair is listed with its first key, or with the key in the folder. So a group whose keys
        are far apart in the bucket may appear again, without its first keys.

        Raises:
            VectorIndexError: the index did not respond.
        """
        infos, following = self.images.page(folder, cursor, _IMAGES_PER_CALL)
        with ThreadPoolExecutor(_WORKERS) as pool:
            groups = pool.map(lambda info: self._group(info.key, folder), infos)
            return _merged(groups), following

    def _group(self, key: str, folder: str) -> Group:
        """A key and the duplicates that are listed with it; empty if there are none."""
        near = self.vectors.near_key(key, _MOST_DUPLICATES + 1)
        same = {m.metadata.key: m.metadata for m in near if m.score > self.threshold}
        listed = {
            other: metadata
            for other, metadata in same.items()
            if other > key or not other.startswith(folder)
        }
        return {key: same[key], **listed} if listed and key in same else {}


def _merged(groups: Iterable[Group]) -> list[Group]:
    """Merge groups that share an image, and sort them by key."""
    merged: list[Group] = []
    for group in groups:
        if group:
            touching = [other for other in merged if other.keys() & group.keys()]
            merged = [other for other in merged if other not in touching]
            merged.append({k: v for part in (*touching, group) for k, v in part.items()})
    return sorted((dict(sorted(group.items())) for group in merged), key=min)


def fold(
    ranked: Iterable[Match], most: int, threshold: float
) -> tuple[list[Match], dict[str, list[Match]]]:
    """Group ranked matches, which have vectors, by their duplicates.

    Reads matches until one would begin the group after the `most`-th. Returns the best match of
    each group, and the other matches of each group by the key of the best.
    """
    leaders: list[Match] = []
    duplicates: dict[str, list[Match]] = {}
    for match in ranked:
        leader = next((best for best in leaders if _cosine(best, match) > threshold), None)
        if leader:
            duplicates.setdefault(leader.metadata.key, []).append(match)
        elif len(leaders) < most:
            leaders.append(match)
        else:
            break
    return leaders, duplicates


def _cosine(one: Match, other: Match) -> float:
    return float(np.dot(one.vector, other.vector))  # type: ignore[arg-type]
