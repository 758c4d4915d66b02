"""The S3 adapter: the only code that knows how objects are stored."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from image_search.errors import (
    ArchivedError,
    DeleteRefusedError,
    EncryptedError,
    ObjectChangedError,
)
from image_search.s3_connection import error_code, error_status
from image_search.s3_keys import common, storable
from image_search.s3_objects import ObjectInfo, Source, as_metadata, info_in, infos_in, source_in
from image_search.s3_parts import read_parts

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

# An upload starts within minutes of the request for its URL.
_UPLOAD_SECONDS = 900
# The lifetime of Cognito's access tokens: after it, whoever may not sign in sees no image.
_READ_SECONDS = 3600
# This character sorts after every key of a folder.
_LAST = "\U0010ffff"
# DeleteObjects takes 1,000 keys. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_DELETE_KEYS = 1000
# The answer to a request without the customer's key that an object is encrypted with.
_NEEDS_KEY = "InvalidRequest"
# The headers of a signed upload, by boto3's names of them.
_PUT_PARAMETERS = {
    "Content-Type": "ContentType",
    "If-Match": "IfMatch",
    "If-None-Match": "IfNoneMatch",
    "x-amz-checksum-sha256": "ChecksumSHA256",
}


class Bucket:
    """One bucket, or only the part of it whose keys begin with a prefix."""

    def __init__(self, name: str, client: S3Client, prefix: str = "") -> None:
        """Keep the names and the client; no request is sent yet."""
        self.name, self.prefix, self._client = name, prefix, client

    @property
    def client(self) -> S3Client:
        """The client, for the adapters of other parts of S3."""
        return self._client

    def disconnect(self) -> None:
        """Close the client's connections; the next request opens new ones."""
        self._client.close()

    def may_have(self, key: str) -> bool:
        """Whether a key is inside the prefix and S3 can store it; it would refuse any other."""
        return key.startswith(self.prefix) and storable(key)

    def info(self, key: str) -> ObjectInfo | None:
        """The object's state; None if there is no object or its key is outside the prefix.

        The state of an object that is encrypted with a customer's key is read from the listing,
        because HeadObject refuses it without the key.
        """
        if not self.may_have(key):
            return None
        try:
            head = self._client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if error_status(error) == 404:
                return None
            if error_status(error) == 400:
                return next((info for info in self.page(key, "", 1)[0] if info.key == key), None)
            raise
        return info_in(key, head)

    def read(self, info: ObjectInfo) -> bytes:
        """Read exactly this object.

        Raises:
            ObjectChangedError: it was replaced or deleted since `info` was taken.
            ArchivedError: it must be restored first.
            EncryptedError: it takes a key that only its owner has.
        """
        try:
            answer = self._client.get_object(
                Bucket=self.name, Key=info.key, IfMatch=f'"{info.etag}"'
            )
        except ClientError as error:
            if error_status(error) in (404, 412):
                raise ObjectChangedError(f"{info.key!r} changed just now; try again") from error
            if error_code(error) == "InvalidObjectState":
                raise ArchivedError(info.key) from error
            if error_code(error) == _NEEDS_KEY:
                raise EncryptedError(info.key) from error
            raise
        return answer["Body"].read()

    def read_if_present(self, key: str) -> bytes | None:
        """Read a small object; None if it does not exist."""
        try:
            return self._client.get_object(Bucket=self.name, Key=key)["Body"].read()
        except ClientError as error:
            if error_status(error) == 404:
                return None
            raise

    def read_key(self, key: str) -> bytes:
        """Read an object that is never replaced; the parts of a large one are read concurrently."""
        size = self._client.head_object(Bucket=self.name, Key=key)["ContentLength"]
        return read_parts(size, partial(self._part, key))

    def _part(self, key: str, byte_range: str) -> StreamingBody:
        return self._client.get_object(Bucket=self.name, Key=key, Range=byte_range)["Body"]

    def page(self, prefix: str, cursor: str, limit: int) -> tuple[list[ObjectInfo], str]:
        """One page of objects in key order, and the cursor of the next page ("" at the end).

        A cursor is the last key before the next page; "" begins with the first key.
        """
        listed = common(prefix, self.prefix)
        if listed is None:
            return [], ""
        page = self._page(StartAfter=cursor, Prefix=listed, MaxKeys=limit)
        infos = infos_in(page)
        return infos, infos[-1].key if page["IsTruncated"] else ""

    def folder_page(
        self, folder: str, cursor: str, limit: int
    ) -> tuple[list[ObjectInfo], list[str], str]:
        """One page of the objects and folders directly in a folder, and the cursor of the next."""
        listed = common(folder, self.prefix)
        if listed is None:
            return [], [], ""
        inner, slash, _ = listed[len(folder) :].partition("/")
        if slash:  # the one folder that leads to the prefix
            return [], [folder + inner + slash], ""
        page = self._page(StartAfter=cursor, Prefix=listed, MaxKeys=limit, Delimiter="/")
        infos, folders = infos_in(page), [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        last = max([info.key for info in infos] + [name + _LAST for name in folders], default="")
        return infos, folders, last if page["IsTruncated"] else ""

    def _page(self, **listing: Any) -> ListObjectsV2OutputTypeDef:
        return self._client.list_objects_v2(Bucket=self.name, **listing)

    def write(self, key: str, data: bytes, content_type: str, source: Source | None = None) -> None:
        """Store an object, with the source that it was made from."""
        made_from = as_metadata(source) if source else {}
        self._client.put_object(
            Bucket=self.name, Key=key, Body=data, ContentType=content_type, Metadata=made_from
        )

    def source(self, key: str) -> Source | None:
        """The source of an object; None if the object does not exist or names none."""
        try:
            head = self._client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if error_status(error) == 404:
                return None
            raise
        return source_in(head["Metadata"])

    def delete(self, keys: list[str]) -> None:
        """Delete objects; keys without an object are ignored.

        Raises:
            DeleteRefusedError: S3 refused some keys; batches of a thousand after theirs are kept.
        """
        for start in range(0, len(keys), _DELETE_KEYS):
            part: Any = [{"Key": key} for key in keys[start : start + _DELETE_KEYS]]
            delete: Any = {"Objects": part, "Quiet": True}
            refused = self._client.delete_objects(Bucket=self.name, Delete=delete).get("Errors")
            if refused:
                raise DeleteRefusedError([error["Key"] for error in refused], refused)

    def move(self, key: str, target: str) -> None:
        """Rename an object; a key without an object is ignored."""
        source: Any = {"Bucket": self.name, "Key": key}
        try:
            self._client.copy_object(Bucket=self.name, Key=target, CopySource=source)
        except ClientError as error:
            if error_status(error) != 404:
                raise
            return
        self.delete_key(key)

    def delete_key(self, key: str) -> None:
        """Delete one object of any key; the XML of a batch has no control characters."""
        self._client.delete_object(Bucket=self.name, Key=key)

    def signed_url(self, key: str) -> str:
        """A URL from which whoever has it may read the object for an hour."""
        return self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self.name, "Key": key}, ExpiresIn=_READ_SECONDS
        )

    def signed_put(
        self,
        key: str,
        content_type: str,
        size: int,
        replaced: ObjectInfo | None = None,
        sha256: str | None = None,
    ) -> tuple[str, dict[str, str]]:
        """A URL that accepts one object of this type and size, and the headers to send with it.

        S3 refuses the upload with 412 if an object has the key or, if one is to be replaced, it has
        changed; so the URL works once. With a SHA-256 checksum, in base64, S3 refuses any other
        content with 400.
        """
        headers = {"Content-Type": content_type}
        headers |= {"If-Match": f'"{replaced.etag}"'} if replaced else {"If-None-Match": "*"}
        headers |= {"x-amz-checksum-sha256": sha256} if sha256 else {}
        signed: Any = {_PUT_PARAMETERS[name]: value for name, value in headers.items()}
        url = self._client.generate_presigned_url(
            "put_object",
            Params={"Bucket": self.name, "Key": key, "ContentLength": size, **signed},
            ExpiresIn=_UPLOAD_SECONDS,
        )
        return url, headers
