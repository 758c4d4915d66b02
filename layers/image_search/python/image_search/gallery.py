"""The gallery: images with their metadata and state, uploads and deletions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from image_search.clutter import is_clutter
from image_search.deadline import Pool
from image_search.errors import (
    ImageExistsError,
    ImageNotFoundError,
    ObjectChangedError,
    OutsidePrefixError,
)
from image_search.freshness import is_same_content
from image_search.pinecone_index import VectorIndex
from image_search.records import Metadata
from image_search.rejections import REJECTIONS, Rejection, read_rejection, rejection_of
from image_search.s3 import Bucket
from image_search.s3_objects import ObjectInfo

# Concurrent requests for the rejections of a page of images; each takes about 10 ms.
_WORKERS = 8


@dataclass(frozen=True)
class StoredImage:
    """An object and its state in the index."""

    info: ObjectInfo
    state: Literal["indexed", "pending", "rejected"]
    metadata: Metadata | None = None
    """Present if the image is indexed."""
    rejection: Rejection | None = None
    """Present if the image is rejected."""


@dataclass(frozen=True)
class Gallery:
    """The images bucket together with its index."""

    images: Bucket
    thumbnails: Bucket
    vectors: VectorIndex

    def page(self, prefix: str, cursor: str, limit: int) -> tuple[list[StoredImage], str]:
        """One page in key order and the cursor of the next ("" at the end)."""
        infos, following = self.images.page(prefix, cursor, limit)
        return self._with_states(infos), following

    def folder_page(
        self, folder: str, cursor: str, limit: int
    ) -> tuple[list[StoredImage], list[str], str]:
        """One page of the images and folders directly in a folder, and the cursor of the next."""
        infos, folders, following = self.images.folder_page(folder, cursor, limit)
        return self._with_states(infos), folders, following

    def rejected_page(
        self, prefix: str, reason: str, cursor: str, limit: int
    ) -> tuple[list[StoredImage], str]:
        """The images among the next `limit` rejections that still hold, and the next cursor.

        The order is that of their ids. An empty reason is any.
        """
        infos, following = self.thumbnails.page(REJECTIONS, cursor, limit)
        with Pool(_WORKERS) as pool:
            names = [info.key for info in infos]
            read = pool.map(lambda name: read_rejection(self.thumbnails, name), names)
            found = [it for it in read if it and it.key.startswith(prefix)]
            wanted = [it for it in found if reason in ("", it.reason)]
            return [image for image in pool.map(self._rejected, wanted) if image], following

    def _rejected(self, rejection: Rejection) -> StoredImage | None:
        info = self.images.info(rejection.key)
        if info is None or not rejection.holds_for(info):
            return None
        return StoredImage(info, "rejected", rejection=rejection)

    def image(self, key: str) -> StoredImage:
        """One image.

        Raises:
            ImageNotFoundError: no object has this key.
        """
        return self._with_states([self._info(key)])[0]

    def delete(self, key: str) -> None:
        """Delete an object; its event deletes the record and the thumbnail.

        Raises:
            ImageNotFoundError: no object has this key.
        """
        self._info(key)
        self.images.delete_key(key)

    def signed_upload(
        self,
        key: str,
        content_type: str,
        size: int,
        replace: str | None = None,
        sha256: str | None = None,
    ) -> tuple[str, dict[str, str]]:
        """A URL to which one image is put, and the headers to send with it.

        `replace` is the etag of the image that may be replaced; `sha256` is the checksum, in
        base64, of the only content that S3 accepts.

        Raises:
            OutsidePrefixError: the key is outside the part of the bucket that is indexed.
            ImageExistsError: an object has this key and `replace` is None.
            ObjectChangedError: the image with this etag has been replaced or deleted.
        """
        if not key.startswith(self.images.prefix):
            raise OutsidePrefixError(key, self.images.prefix)
        present = self.images.info(key)
        if replace is None and present:
            raise ImageExistsError(key)
        if replace is not None and (present is None or present.etag != replace):
            raise ObjectChangedError(f"{key!r} is not the image of the etag {replace!r} any more")
        return self.images.signed_put(key, content_type, size, present, sha256)

    def _info(self, key: str) -> ObjectInfo:
        info = self.images.info(key)
        if info is None or _is_no_image(info):
            raise ImageNotFoundError(key)
        return info

    def _with_states(self, infos: list[ObjectInfo]) -> list[StoredImage]:
        """The images among these objects; folder markers and clutter are left out."""
        infos = [info for info in infos if not _is_no_image(info)]
        indexed = self.vectors.fetch([info.key for info in infos])
        with Pool(_WORKERS) as pool:
            return list(pool.map(lambda info: self._state(info, indexed.get(info.key)), infos))

    def _state(self, info: ObjectInfo, metadata: Metadata | None) -> StoredImage:
        if metadata and is_same_content(metadata, info):
            return StoredImage(info, "indexed", metadata)
        rejection = rejection_of(self.thumbnails, info)
        if rejection:
            return StoredImage(info, "rejected", rejection=rejection)
        return StoredImage(info, "pending")


def _is_no_image(info: ObjectInfo) -> bool:
    """Whether it is clutter, or an empty object that an S3 client created for a folder."""
    return is_clutter(info.key) or (info.key.endswith("/") and info.size == 0)
