"""The records of the index, and their form in Pinecone."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_search.colors import Color
from image_search.filters import folders, orientation
from image_search.names import name_parts
from image_search.ranking import Ranked

# Raised whenever what is stored of an image changes: records of another version are stale.
SCHEMA_VERSION = 2


@dataclass(frozen=True)
class Metadata:
    """The metadata of a record. Pinecone stores no nulls: fields without a value are left out."""

    key: str
    etag: str
    size: int
    width: int
    height: int
    content_type: str
    uploaded_at: int
    thumbhash: str
    taken_at: int | None = None
    truncated: bool | None = None
    """Set if the file ends too early, and at most a tenth of the image is missing."""
    raw: bool | None = None
    """Set if the original is a raw file of a camera."""
    preview: bool | None = None
    """Set if browsers cannot show the original, and a large preview is stored."""
    colors: tuple[Color, ...] = ()
    """The dominant ones, the most frequent first."""
    schema_version: int = SCHEMA_VERSION
    """0 if the record was stored before records had a version."""


@dataclass(frozen=True)
class Record:
    """One indexed image."""

    vector: NDArray[np.float32]
    metadata: Metadata


@dataclass(frozen=True)
class Match:
    """A record that was found, with its cosine to the query."""

    metadata: Metadata
    score: float
    vector: NDArray[np.float32] | None = None
    """Present only if the query asked for it."""

    @property
    def ranked(self) -> Ranked:
        """The id and the score alone."""
        return Ranked(record_id(self.metadata.key), self.score)


def record_id(key: str) -> str:
    """The id of a key's record: 32 hex digits, because Pinecone ids are short and ASCII."""
    return blake2b(key.encode(), digest_size=16).hexdigest()


def stored_metadata(metadata: Metadata) -> dict[str, str | int | list[str]]:
    """The metadata with derived fields: a filter can compare neither prefixes nor two fields."""
    known = {name: v for name, v in asdict(metadata).items() if v is not None and v != ()}
    return known | {
        "folders": folders(metadata.key),
        "names": name_parts(metadata.key),
        "orientation": orientation(metadata.width, metadata.height),
    }


def metadata_of(stored: Any) -> Metadata:
    """Rebuild the metadata; Pinecone returns every number as a float."""
    names = [field.name for field in fields(Metadata)]
    known: Any = {name: _value(stored[name]) for name in names if name in stored}
    return Metadata(**{"schema_version": 0} | known)


def _value(stored: object) -> object:
    if isinstance(stored, float):
        return int(stored)
    return tuple(stored) if isinstance(stored, list) else stored
