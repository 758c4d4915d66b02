"""Duplicates: images whose vectors are near each other and whose pixels are alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import NamedTuple

import numpy as np

from image_search.deadline import Pool
from image_search.pinecone_index import VectorIndex
from image_search.pixel_likeness import alike_in_pixels
from image_search.records import Match, Metadata
from image_search.s3 import Bucket

# Images compared per call: each is one query, and Pinecone allows 100 a second per namespace.
_IMAGES_PER_CALL = 50
_WORKERS = 8
# Duplicates listed per image, so that a page of 50 groups stays below the 6 MB of a response.
_MOST_DUPLICATES = 100
# Neighbours read per image; the metadata of more would exceed the 4 MB of an index's response.
_MOST_NEIGHBOURS = 1000

Group = dict[str, Metadata]


class Near(NamedTuple):
    """Duplicates of one image."""

    own: Metadata | None
    """None if the image is not indexed."""
    same: Group
    cut: bool
    """Whether there may be more of them."""


NOTHING = Near(None, {}, cut=False)


def is_same_image(one: Metadata, other: Metadata, cosine: float, threshold: float) -> bool:
    """Whether two images are duplicates: the only place that decides it."""
    return cosine > threshold and alike_in_pixels(one.thumbhash, other.thumbhash, cosine)


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
        are far apart in the bucket may appear again, without its first keys. A group of more than
        _MOST_DUPLICATES images comes in parts: every image of it is listed with some others.

        Raises:
            VectorIndexError: the index did not respond.
        """
        infos, following = self.images.page(folder, cursor, _IMAGES_PER_CALL)
        near = cache(self._near)  # the last image of a group asks for the first again
        with Pool(_WORKERS) as pool:
            groups = pool.map(lambda info: self._group(info.key, folder, near), infos)
            return _merged(groups), following

    def _group(self, key: str, folder: str, near: Callable[[str], Near]) -> Group:
        """A key and the duplicates that are listed with it; empty if there are none."""
        own, same, cut = near(key)
        if own is None or not same:
            return {}
        later = {
            other: metadata
            for other, metadata in same.items()
            if other > key or not other.startswith(folder)
        }
        if cut or (not later and near(min(same)).cut):
            later = same  # the first key may not list this one
        return {key: own, **later} if later else {}

    def _near(self, key: str) -> Near:
        """The duplicates of a key: ever more neighbours are read until one is no duplicate.

        More neighbours than were asked for may be as near as the image itself, which is then not
        among them.
        """
        asked = _MOST_DUPLICATES + 2
        while True:
            neighbours = self.vectors.near_key(key, asked)
            near = self._compared(key, neighbours)
            cut = len(neighbours) == asked and neighbours[-1].score > self.threshold
            if not cut or len(near.same) >= _MOST_DUPLICATES or asked == _MOST_NEIGHBOURS:
                return near._replace(cut=cut)
            asked = min(3 * asked, _MOST_NEIGHBOURS)

    def _compared(self, key: str, neighbours: list[Match]) -> Near:
        by_key = {match.metadata.key: match for match in neighbours}
        if not neighbours:
            return NOTHING
        own = by_key[key].metadata if key in by_key else self.vectors.fetch([key]).get(key)
        if own is None:
            return NOTHING
        same = {
            other: match.metadata
            for other, match in by_key.items()
            if other != key and is_same_image(own, match.metadata, match.score, self.threshold)
        }
        return Near(own, dict(islice(same.items(), _MOST_DUPLICATES)), cut=False)


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
        leader = next((best for best in leaders if _is_same(best, match, threshold)), None)
        if leader:
            duplicates.setdefault(leader.metadata.key, []).append(match)
        elif len(leaders) < most:
            leaders.append(match)
        else:
            break
    return leaders, duplicates


def _is_same(one: Match, other: Match, threshold: float) -> bool:
    cosine = float(np.dot(one.vector, other.vector))  # type: ignore[arg-type]
    return is_same_image(one.metadata, other.metadata, cosine, threshold)
