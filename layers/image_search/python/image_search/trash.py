"""The trash: images that were deleted and can be restored while the bucket keeps old versions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from image_search.deadline import Pool
from image_search.s3 import Bucket
from image_search.s3_objects import Source
from image_search.thumbnails import trashed_thumbnail_key
from image_search.versions import Place, Refusal, Version, Versions

# The template keeps old versions of images, and thumbnails of deleted ones, for as long.
DAYS = 30
# Requests that look for deleted images before a page is returned as it is, perhaps empty. Each
# lists 1,000 versions in about 100 ms, of present images too.
_REQUESTS = 20
# Concurrent requests for thumbnails and restorations.
_WORKERS = 8


@dataclass(frozen=True)
class DeletedImage:
    """The last version of an image that was deleted."""

    version: Version
    deleted_at: int
    """Epoch seconds."""
    has_thumbnail: bool = False


@dataclass(frozen=True)
class Trash:
    """What was deleted from the images bucket."""

    versions: Versions
    thumbnails: Bucket
    clock: Callable[[], float] = time.time

    def is_available(self) -> bool:
        """Whether the bucket keeps what is deleted from it."""
        return self.versions.are_kept()

    def page(self, prefix: str, cursor: str, limit: int) -> tuple[list[DeletedImage], str]:
        """Images deleted within DAYS, in key order, and the cursor of the next ("" at the end)."""
        found, following = self._deleted(prefix, cursor, limit)
        with Pool(_WORKERS) as pool:
            return list(pool.map(self._with_thumbnail, found)), following

    def restore(self, images: Sequence[tuple[str, str]]) -> list[Refusal | None]:
        """Restore versions, each a key and a version id; the reason of each one refused."""
        with Pool(_WORKERS) as pool:
            return list(pool.map(lambda image: self.versions.restore(*image), images))

    def _deleted(self, prefix: str, cursor: str, limit: int) -> tuple[list[DeletedImage], str]:
        found: list[DeletedImage] = []
        place, deletion, requests = Place(cursor), None, 0
        # A page may end within a key; the cursor of the next one always leads further.
        while requests < _REQUESTS or deletion or place.key <= cursor:
            requests += 1
            page, following = self.versions.page(prefix, place)
            for version in page:
                if version.key <= cursor:
                    continue
                if version.latest:
                    deletion = version if self._is_recent_deletion(version) else None
                elif deletion and version.key == deletion.key and not version.is_deletion:
                    found.append(DeletedImage(version, deletion.at))
                    deletion = None
                    if len(found) == limit:
                        return found, version.key
            if following is None:
                return found, ""
            place = following
        return found, place.key

    def _is_recent_deletion(self, version: Version) -> bool:
        # Objects named like folders are the empty ones that some S3 clients create.
        is_folder = version.key.endswith("/")
        oldest = self.clock() - DAYS * 86_400
        return version.is_deletion and not is_folder and version.at >= oldest

    def _with_thumbnail(self, image: DeletedImage) -> DeletedImage:
        wanted = Source(image.version.key, image.version.etag)
        there = self.thumbnails.source(trashed_thumbnail_key(wanted.key)) == wanted
        return DeletedImage(image.version, image.deleted_at, there)
