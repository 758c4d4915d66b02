"""The S3 adapter: the only code that knows how objects are stored."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

# An upload starts within minutes of asking for it.
_UPLOAD_SECONDS = 900
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MAX_KEY_BYTES = 1024
# DeleteObjects takes 1,000 keys. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_DELETE_KEYS = 1000
# Names in an object's own metadata.
_SOURCE_KEY, _SOURCE_ETAG = "source-key", "source-etag"


@dataclass(frozen=True)
class ObjectInfo:
    """The present state of one object."""

    key: str
    etag: str
    size: int
    """In bytes."""
    uploaded_at: int
    """Epoch seconds."""


@dataclass(frozen=True)
class Source:
    """The object that another one was made from."""

    key: str
    etag: str


class ObjectChangedError(Exception):
    """The object is no longer the one that was looked at."""


class DeleteRefusedError(Exception):
    """S3 did not delete some objects; the message names them."""


class CursorError(Exception):
    """A cursor that this bucket did not hand out."""


@cache
def _client() -> S3Client:
    config = Config(
        signature_version="s3v4",  # upload forms of newer regions are refused without it
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=2,
        read_timeout=10,
    )
    return boto3.client("s3", config=config)


class Bucket:
    """One bucket."""

    def __init__(self, name: str) -> None:
        """Name it; nothing is called yet."""
        self.name = name

    def info(self, key: str) -> ObjectInfo | None:
        """The object's state, or None where there is none."""
        if len(key.encode()) > MAX_KEY_BYTES:
            return None  # S3 would refuse to look
        try:
            head = _client().head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _status(error) == 404:
                return None
            raise
        return ObjectInfo(
            key, _etag(head["ETag"]), head["ContentLength"], int(head["LastModified"].timestamp())
        )

    def read(self, info: ObjectInfo) -> bytes:
        """The bytes of exactly that object.

        Raises:
            ObjectChangedError: it was replaced or deleted since `info` was taken.
        """
        try:
            answer = _client().get_object(Bucket=self.name, Key=info.key, IfMatch=f'"{info.etag}"')
        except ClientError as error:
            if _status(error) in (404, 412):
                raise ObjectChangedError(f"{info.key!r} changed just now; try again") from error
            raise
        return answer["Body"].read()

    def read_key(self, key: str) -> bytes:
        """The bytes of an object that nobody replaces."""
        return _client().get_object(Bucket=self.name, Key=key)["Body"].read()

    def page(self, prefix: str, cursor: str, limit: int) -> tuple[list[ObjectInfo], str]:
        """One page of objects in key order, and the cursor of the next page ("" at the end).

        Raises:
            CursorError: the cursor is not one that a page came with.
        """
        page = self._page(cursor, Prefix=prefix, MaxKeys=limit)
        return _infos(page), page.get("NextContinuationToken", "")

    def folder_page(
        self, folder: str, cursor: str, limit: int
    ) -> tuple[list[ObjectInfo], list[str], str]:
        """One page of a folder: the objects right in it, the folders right in it, and the cursor.

        Raises:
            CursorError: the cursor is not one that a page came with.
        """
        page = self._page(cursor, Prefix=folder, MaxKeys=limit, Delimiter="/")
        folders = [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        return _infos(page), folders, page.get("NextContinuationToken", "")

    def _page(self, cursor: str, **listing: Any) -> ListObjectsV2OutputTypeDef:
        more: Any = {"ContinuationToken": cursor} if cursor else {}
        try:
            return _client().list_objects_v2(Bucket=self.name, **listing, **more)
        except ClientError as error:
            if cursor and _status(error) == 400:
                raise CursorError("the cursor is not one that a page came with") from error
            raise

    def write(self, key: str, data: bytes, content_type: str, source: Source | None = None) -> None:
        """Store an object, and what it was made from."""
        made_from = _metadata_of(source) if source else {}
        _client().put_object(
            Bucket=self.name, Key=key, Body=data, ContentType=content_type, Metadata=made_from
        )

    def source(self, key: str) -> Source | None:
        """What an object was made from; None where there is no object, or it does not say."""
        try:
            said = _client().head_object(Bucket=self.name, Key=key)["Metadata"]
        except ClientError as error:
            if _status(error) == 404:
                return None
            raise
        if _SOURCE_KEY not in said:
            return None
        return Source(urlsafe_b64decode(said[_SOURCE_KEY]).decode(), said[_SOURCE_ETAG])

    def delete(self, keys: list[str]) -> None:
        """Delete objects; a key without an object is no error."""
        for start in range(0, len(keys), _DELETE_KEYS):
            part: Any = [{"Key": key} for key in keys[start : start + _DELETE_KEYS]]
            delete: Any = {"Objects": part, "Quiet": True}
            refused = _client().delete_objects(Bucket=self.name, Delete=delete).get("Errors")
            if refused:
                raise DeleteRefusedError(f"S3 refused to delete {refused}")

    def tag(self, key: str, name: str, value: str) -> None:
        """Set one tag and keep the others; an object that is gone needs none."""
        try:
            tags = self.tags(key) | {name: value}
            _client().put_object_tagging(
                Bucket=self.name,
                Key=key,
                Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]},
            )
        except ClientError as error:
            if _status(error) != 404:
                raise

    def tags(self, key: str) -> dict[str, str]:
        """The tags of an object; an object that is gone has none."""
        try:
            tags = _client().get_object_tagging(Bucket=self.name, Key=key)["TagSet"]
        except ClientError as error:
            if _status(error) == 404:
                return {}
            raise
        return {tag["Key"]: tag["Value"] for tag in tags}

    def presigned_post(self, key: str, content_type: str, most_bytes: int) -> dict[str, Any]:
        """A form (`url` and `fields`) that stores one object, with limits that S3 enforces."""
        return _client().generate_presigned_post(
            self.name,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", 1, most_bytes],
            ],
            ExpiresIn=_UPLOAD_SECONDS,
        )


def _infos(page: ListObjectsV2OutputTypeDef) -> list[ObjectInfo]:
    return [
        ObjectInfo(
            item["Key"], _etag(item["ETag"]), item["Size"], int(item["LastModified"].timestamp())
        )
        for item in page.get("Contents", [])
    ]


def _metadata_of(source: Source) -> dict[str, str]:
    """In base64, because S3 keeps 2 kB of ASCII for an object."""
    return {
        _SOURCE_KEY: urlsafe_b64encode(source.key.encode()).decode(),
        _SOURCE_ETAG: source.etag,
    }


def _etag(quoted: str) -> str:
    return quoted.strip('"')


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
