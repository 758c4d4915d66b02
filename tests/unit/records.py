"""Makes the records that tests need."""

from __future__ import annotations

from typing import Any

import numpy as np

from image_search.records import Metadata, Record


def metadata(**overrides: Any) -> Metadata:
    """Metadata of a record; every field without an override is plausible."""
    plausible: dict[str, Any] = {
        "key": "a.jpg",
        "etag": "e1",
        "size": 1234,
        "width": 640,
        "height": 480,
        "content_type": "image/jpeg",
        "uploaded_at": 1_700_000_000,
        "thumbhash": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
    }
    return Metadata(**plausible | overrides)


def record(direction: int = 0, dimension: int = 48, **overrides: Any) -> Record:
    """A record whose vector is one of the axes: records of other directions are orthogonal."""
    return Record(np.eye(dimension, dtype=np.float32)[direction], metadata(**overrides))
