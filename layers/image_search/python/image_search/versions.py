"""The S3 adapter of old versions: lists deleted objects and restores them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from image_search.s3 import Bucket
from image_search.s3_connection import error_code, error_status
from image_search.s3_keys import common
from image_search.s3_objects import etag_of

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef

Refusal = Literal["exists", "not-found", "archived"]
# S3 answers 400 or 404 for a version that never existed, is gone, or is a delete marker; 412 for a
# condition that does not hold, and 409 while another write is in progress.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
_REFUSALS: dict[int, Refusal] = {
    400: "not-found",
    404: "not-found",
    409: "exists",
    412: "exists",
}


@dataclass(frozen=True)
class Version:
    """One version of an object, or a delete marker."""

    key: str
    version_id: str
    latest: bool
    at: int
    """When it was stored, or deleted: epoch seconds."""
    etag: str = ""
    """Empty for a delete marker."""
    size: int = 0
    """In bytes."""

    @property
    def is_deletion(self) -> bool:
        """Whether this is a delete marker."""
        return not self.etag


@dataclass(frozen=True)
class Place:
    """Where a listing continues: after this version, or after all versions of the key."""

    key: str = ""
    version_id: str = ""


@dataclass(frozen=True)
class Versions:
    """All versions in one bucket."""

    bucket: Bucket

    def are_kept(self) -> bool:
        """Whether a deletion keeps the object as an old version."""
        state = self.bucket.client.get_bucket_versioning(Bucket=self.bucket.name)
        return state.get("Status") == "Enabled"

    def page(self, prefix: str, after: Place) -> tuple[list[Version], Place | None]:
        """At most 1,000 versions in key order, the latest of a key first, and the next place."""
        listed = common(prefix, self.bucket.prefix)
        if listed is None:
            return [], None
        markers: dict[str, Any] = {"KeyMarker": after.key} if after.key else {}
        if after.version_id:
            markers["VersionIdMarker"] = after.version_id
        listing = self.bucket.client.list_object_versions(
            Bucket=self.bucket.name, Prefix=listed, **markers
        )
        if not listing["IsTruncated"]:
            return _versions(listing), None
        following = Place(listing["NextKeyMarker"], listing.get("NextVersionIdMarker", ""))
        return _versions(listing), following

    def restore(self, key: str, version_id: str) -> Refusal | None:
        """Copy a version back unless an object has the key; returns the reason of a refusal."""
        if not self.bucket.may_have(key):
            return "not-found"
        if self.bucket.info(key):
            return "exists"
        source: Any = {"Bucket": self.bucket.name, "Key": key, "VersionId": version_id}
        try:
            self.bucket.client.copy_object(
                Bucket=self.bucket.name, Key=key, CopySource=source, IfNoneMatch="*"
            )
        except ClientError as error:
            if error_code(error) == "InvalidObjectState":
                return "archived"
            status = error_status(error)
            if status not in _REFUSALS:
                raise
            return _REFUSALS[status]
        return None


def _versions(listing: ListObjectVersionsOutputTypeDef) -> list[Version]:
    """Both lists of a page as one; S3 orders each by key, the newest first."""
    stored = [
        Version(**_common(item), etag=etag_of(item), size=item["Size"])
        for item in listing.get("Versions", [])
    ]
    deletions = [Version(**_common(item)) for item in listing.get("DeleteMarkers", [])]
    return sorted(stored + deletions, key=lambda version: (version.key, not version.latest))


def _common(item: Any) -> dict[str, Any]:
    return {
        "key": item["Key"],
        "version_id": item["VersionId"],
        "latest": item["IsLatest"],
        "at": int(item["LastModified"].timestamp()),
    }
