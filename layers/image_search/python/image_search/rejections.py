"""Rejections: the objects that cannot be indexed as they are, each with its reason.

They are stored in the thumbnails bucket. A rejection holds while its etag is that of the object: an
object that was replaced is not rejected any more.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from image_search.errors import RejectedError
from image_search.records import record_id
from image_search.s3 import Bucket
from image_search.s3_objects import ObjectInfo

REJECTIONS = "rejected/"


@dataclass(frozen=True)
class Rejection:
    """Why one object was rejected."""

    key: str
    etag: str
    reason: str
    """A stable, short name for programs."""
    detail: str
    """A sentence with the remedy, for people."""

    def holds_for(self, info: ObjectInfo) -> bool:
        """Whether an object is still the one that was rejected."""
        return (self.key, self.etag) == (info.key, info.etag)


def rejection_key(key: str) -> str:
    """The key of the rejection of an image in the thumbnails bucket."""
    return f"{REJECTIONS}{record_id(key)}"


def write_rejection(thumbnails: Bucket, info: ObjectInfo, error: RejectedError) -> None:
    """Record why an object was rejected, in place of what was recorded before."""
    rejection = Rejection(info.key, info.etag, error.reason, str(error))
    data = json.dumps(asdict(rejection)).encode()
    thumbnails.write(rejection_key(info.key), data, "application/json")


def read_rejection(thumbnails: Bucket, name: str) -> Rejection | None:
    """The rejection in this object; None if the object does not exist or holds no rejection."""
    try:
        return Rejection(**json.loads(thumbnails.read_if_present(name) or b""))
    except (ValueError, TypeError):
        return None


def rejection_of(thumbnails: Bucket, info: ObjectInfo) -> Rejection | None:
    """The rejection of an object in this state; None if it was not rejected."""
    rejection = read_rejection(thumbnails, rejection_key(info.key))
    return rejection if rejection and rejection.holds_for(info) else None
