"""The gallery: images with their metadata and state, uploads and deletions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from image_search.clutter import is_clutter
from image_search.errors import EncryptedError, ImageExistsError, ImageNotFoundError
from image_search.freshness import is_same_content
from image_search.indexing import rejection
from image_search.pinecone_index import Metadata, VectorIndex
from image_search.preprocess import MAX_IMAGE_BYTES
from image_search.s3 import Bucket, ObjectInfo

# Concurrent requests for the tags of a page of images; each takes about 10 ms.
_WORKERS = 8


@dataclass(frozen=True)
class StoredImage:
    """An object and its state in the index."""

    info: ObjectInfo
    state: Literal["indexed", "pending", "rejected"]
    metadata: Metadata | None = None
    """Present if the image is indexed."""
    reason: str | None = None
    """Present if the image is rejected."""


@dataclass(frozen=True)
class Gallery:
    """The images bucket together with its index."""

    images: Bucket
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

    def upload_form(self, key: str, content_type: str, *, replace: bool) -> dict[str, Any]:
        """A presigned form (`url` and `fields`) that uploads one image.

        Raises:
            ImageExistsError: an object has this key and `replace` is false.
        """
        if not replace and self.images.info(key):
            raise ImageExistsError(key)
        return self.images.presigned_post(key, content_type, MAX_IMAGE_BYTES)

    def _info(self, key: str) -> ObjectInfo:
        try:
            info = self.images.info(key)
        except EncryptedError:  # a listing takes no key
            found, _ = self.images.page(key, "", 1)
            info = next((one for one in found if one.key == key), None)
        if info is None or _is_no_image(info):
            raise ImageNotFoundError(key)
        return info

    def _with_states(self, infos: list[ObjectInfo]) -> list[StoredImage]:
        """The images among these objects; folder markers and clutter are left out."""
        infos = [info for info in infos if not _is_no_image(info)]
        indexed = self.vectors.fetch([info.key for info in infos])
        with ThreadPoolExecutor(_WORKERS) as pool:
            return list(pool.map(lambda info: self._state(info, indexed.get(info.key)), infos))

    def _state(self, info: ObjectInfo, metadata: Metadata | None) -> StoredImage:
        if metadata and is_same_content(metadata, info):
            return StoredImage(info, "indexed", metadata)
        reason = rejection(self.images, info.key)
        if reason is not None:
            return StoredImage(info, "rejected", reason=reason)
        return StoredImage(info, "pending")


def _is_no_image(info: ObjectInfo) -> bool:
    """Whether a computer made it, such as the empty objects that S3 clients create for folders."""
    return is_clutter(info.key) or (info.key.endswith("/") and info.size == 0)
