"""The S3 adapter: the only code that knows how objects are stored."""

from __future__ import annotations

import io
from base64 import urlsafe_b64decode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from image_search import aws
from image_search.errors import ArchivedError, EncryptedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

# Large objects are read in parts, several at a time: one connection brings some 80 MB/s.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-guidelines.html
_PART_BYTES = 16 * 2**20
_CONNECTIONS = 8
# A part passes through a buffer of this size, which is reused: fresh memory for all of it would
# cost as much time as it takes to copy.
_CHUNK_BYTES = 2**18
# An upload starts within minutes of the request for its form.
_UPLOAD_SECONDS = 900
# The lifetime of Cognito's access tokens: after it, whoever may not sign in sees no image.
_READ_SECONDS = 3600
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MAX_KEY_BYTES = 1024
# This character sorts after every key of a folder.
_LAST = "\U0010ffff"
# DeleteObjects takes 1,000 keys. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_DELETE_KEYS = 1000
# The error code of S3 for an object that is encrypted with a customer's key.
_NEEDS_KEY = "InvalidRequest"
# Names of the object's user-defined metadata.
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
    version: str = field(default="", compare=False)
    """Empty where the bucket keeps no versions, and in listings, which leave it out."""


@dataclass(frozen=True)
class Source:
    """The object from which another object was made."""

    key: str
    etag: str


class ObjectChangedError(Exception):
    """The object was replaced or deleted after its state was read."""


class DeleteRefusedError(Exception):
    """S3 refused to delete some objects, which the message names."""


def client() -> S3Client:
    """A client of the account and the endpoint that the environment names."""
    config = Config(
        signature_version="s3v4",  # newer regions refuse upload forms with any other
        retries={"mode": "standard", "max_attempts": 4},
        connect_timeout=2,
        read_timeout=10,
    )
    made: S3Client = aws.client("s3", config)
    return made


def storable(key: str) -> bool:
    """Whether S3 accepts a key: it is short enough and no `..` leads above its first folder.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
    """
    steps = (-1 if part == ".." else int(part not in ("", ".")) for part in key.split("/"))
    return len(key.encode()) <= MAX_KEY_BYTES and min(accumulate(steps)) >= 0


class Bucket:
    """One bucket."""

    def __init__(self, name: str, client: S3Client) -> None:
        """Remember the bucket's name and the client; no request is sent yet."""
        self.name, self._client = name, client

    def disconnect(self) -> None:
        """Close the client's connections; the next request opens new ones."""
        self._client.close()

    def info(self, key: str) -> ObjectInfo | None:
        """The object's state, or None where there is none.

        Raises:
            EncryptedError: it takes its owner's key to look at it.
        """
        if not storable(key):
            return None  # S3 would refuse the request
        try:
            head = self._client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _status(error) == 404:
                return None
            if _status(error) == 400:
                self._require_no_key(key)  # the answer to HEAD has no body that says more
            raise
        return ObjectInfo(
            key,
            _etag(head["ETag"]),
            head["ContentLength"],
            int(head["LastModified"].timestamp()),
            head.get("VersionId", ""),
        )

    def read(self, info: ObjectInfo) -> bytes:
        """Read exactly this object.

        Raises:
            ObjectChangedError: it was replaced or deleted since `info` was taken.
            ArchivedError: it has to be restored first.
            EncryptedError: it takes its owner's key to read it.
        """
        try:
            answer = self._client.get_object(
                Bucket=self.name, Key=info.key, IfMatch=f'"{info.etag}"'
            )
        except ClientError as error:
            if _status(error) in (404, 412):
                raise ObjectChangedError(f"{info.key!r} changed just now; try again") from error
            if _code(error) == "InvalidObjectState":
                raise ArchivedError(info.key) from error
            if _code(error) == _NEEDS_KEY:
                raise EncryptedError(info.key) from error
            raise
        return answer["Body"].read()

    def _require_no_key(self, key: str) -> None:
        """Tell an object of a customer's key from expired credentials, which are 400 too."""
        try:
            self._client.get_object(Bucket=self.name, Key=key, Range="bytes=0-0")
        except ClientError as error:
            if _code(error) == _NEEDS_KEY:
                raise EncryptedError(key) from error

    def read_key(self, key: str) -> bytes:
        """Read an object that is never replaced; the parts of a large one are read concurrently."""
        size = self._client.head_object(Bucket=self.name, Key=key)["ContentLength"]
        data = io.BytesIO(bytes(size))
        with data.getbuffer() as view, ThreadPoolExecutor(_CONNECTIONS) as pool:
            starts = range(0, size, _PART_BYTES)
            list(pool.map(lambda start: self._read_part(key, start, view), starts))
        return data.getvalue()

    def _read_part(self, key: str, start: int, view: memoryview) -> None:
        part = f"bytes={start}-{start + _PART_BYTES - 1}"
        body = self._client.get_object(Bucket=self.name, Key=key, Range=part)["Body"]
        for chunk in body.iter_chunks(_CHUNK_BYTES):
            view[start : start + len(chunk)] = chunk
            start += len(chunk)

    def page(self, prefix: str, cursor: str, limit: int) -> tuple[list[ObjectInfo], str]:
        """One page of objects in key order, and the cursor of the next page ("" at the end).

        A cursor is the last key before the next page; "" begins with the first key.
        """
        page = self._page(StartAfter=cursor, Prefix=prefix, MaxKeys=limit)
        infos = _infos(page)
        return infos, infos[-1].key if page["IsTruncated"] else ""

    def folder_page(
        self, folder: str, cursor: str, limit: int
    ) -> tuple[list[ObjectInfo], list[str], str]:
        """One page of the objects and folders directly in a folder, and the cursor of the next."""
        page = self._page(StartAfter=cursor, Prefix=folder, MaxKeys=limit, Delimiter="/")
        infos, folders = _infos(page), [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        last = max([info.key for info in infos] + [name + _LAST for name in folders], default="")
        return infos, folders, last if page["IsTruncated"] else ""

    def _page(self, **listing: Any) -> ListObjectsV2OutputTypeDef:
        return self._client.list_objects_v2(Bucket=self.name, **listing)

    def write(self, key: str, data: bytes, content_type: str, source: Source | None = None) -> None:
        """Store an object, with the source that it was made from."""
        made_from = _metadata_of(source) if source else {}
        self._client.put_object(
            Bucket=self.name, Key=key, Body=data, ContentType=content_type, Metadata=made_from
        )

    def source(self, key: str) -> Source | None:
        """The source of an object; None if the object does not exist or names none."""
        try:
            metadata = self._client.head_object(Bucket=self.name, Key=key)["Metadata"]
        except ClientError as error:
            if _status(error) == 404:
                return None
            raise
        if _SOURCE_KEY not in metadata:
            return None
        return Source(urlsafe_b64decode(metadata[_SOURCE_KEY]).decode(), metadata[_SOURCE_ETAG])

    def delete(self, keys: list[str]) -> None:
        """Delete objects; keys without an object are ignored."""
        for start in range(0, len(keys), _DELETE_KEYS):
            part: Any = [{"Key": key} for key in keys[start : start + _DELETE_KEYS]]
            delete: Any = {"Objects": part, "Quiet": True}
            refused = self._client.delete_objects(Bucket=self.name, Delete=delete).get("Errors")
            if refused:
                raise DeleteRefusedError(f"S3 refused to delete {refused}")

    def delete_key(self, key: str) -> None:
        """Delete one object of any key; the XML of a batch has no control characters."""
        self._client.delete_object(Bucket=self.name, Key=key)

    def tag(self, info: ObjectInfo, name: str, value: str) -> None:
        """Set one tag of exactly this object and keep its others; a deleted object is ignored."""
        version: Any = {"VersionId": info.version} if info.version else {}
        try:
            tags = self._tags(info.key, **version) | {name: value}
            self._client.put_object_tagging(
                Bucket=self.name,
                Key=info.key,
                Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]},
                **version,
            )
        except ClientError as error:
            if _status(error) != 404:
                raise

    def tags(self, key: str) -> dict[str, str]:
        """The tags of an object; a deleted object has none."""
        try:
            return self._tags(key)
        except ClientError as error:
            if _status(error) == 404:
                return {}
            raise

    def _tags(self, key: str, **version: Any) -> dict[str, str]:
        tags = self._client.get_object_tagging(Bucket=self.name, Key=key, **version)["TagSet"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    def signed_url(self, key: str) -> str:
        """A URL from which whoever has it may read the object for an hour."""
        return self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self.name, "Key": key}, ExpiresIn=_READ_SECONDS
        )

    def presigned_post(self, key: str, content_type: str, most_bytes: int) -> dict[str, Any]:
        """A form (`url` and `fields`) that uploads one object within limits that S3 enforces."""
        return self._client.generate_presigned_post(
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
    """Encode the source as user-defined metadata, which S3 limits to 2 kB of ASCII."""
    return {
        _SOURCE_KEY: urlsafe_b64encode(source.key.encode()).decode(),
        _SOURCE_ETAG: source.etag,
    }


def _etag(quoted: str) -> str:
    return quoted.strip('"')


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
