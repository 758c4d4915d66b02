"""What S3 reports of objects, and the source that the metadata of a derived object names."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef, ListObjectsV2OutputTypeDef

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


def info_in(key: str, head: HeadObjectOutputTypeDef) -> ObjectInfo:
    """The state in the response to HeadObject."""
    return ObjectInfo(
        key,
        etag_of(head),
        head["ContentLength"],
        int(head["LastModified"].timestamp()),
        head.get("VersionId", ""),
    )


def infos_in(page: ListObjectsV2OutputTypeDef) -> list[ObjectInfo]:
    """The states in one page of a listing."""
    return [
        ObjectInfo(item["Key"], etag_of(item), item["Size"], int(item["LastModified"].timestamp()))
        for item in page.get("Contents", [])
    ]


def etag_of(described: Any) -> str:
    """The etag in S3's description of an object, without its quotes."""
    return str(described["ETag"]).strip('"')


def as_metadata(source: Source) -> dict[str, str]:
    """Encode a source as user-defined metadata, which S3 limits to 2 kB of ASCII."""
    return {
        _SOURCE_KEY: urlsafe_b64encode(source.key.encode()).decode(),
        _SOURCE_ETAG: source.etag,
    }


def source_in(metadata: Mapping[str, str]) -> Source | None:
    """The source in user-defined metadata; None if it names none."""
    if _SOURCE_KEY not in metadata:
        return None
    return Source(urlsafe_b64decode(metadata[_SOURCE_KEY]).decode(), metadata[_SOURCE_ETAG])
