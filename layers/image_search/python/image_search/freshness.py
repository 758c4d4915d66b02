"""Compares a record with the present object of its key, in two ways."""

from __future__ import annotations

from image_search.records import SCHEMA_VERSION, Metadata
from image_search.s3_objects import ObjectInfo


def is_current(metadata: Metadata, info: ObjectInfo) -> bool:
    """Whether a record needs no indexing.

    The same content uploaded again is a new object: the record of the old one may be about to be
    deleted. A record of another schema version lacks what this version stores.
    """
    present = (SCHEMA_VERSION, info.etag, info.uploaded_at)
    return (metadata.schema_version, metadata.etag, metadata.uploaded_at) == present


def is_same_content(metadata: Metadata, info: ObjectInfo) -> bool:
    """Whether a record was made from the same content, so that its vector may be used."""
    return metadata.etag == info.etag
