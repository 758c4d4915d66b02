"""Filters of a search, which the index applies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from image_search.colors import Color
from image_search.names import name_parts

Orientation = Literal["landscape", "portrait", "square"]
# A key has at most 1,024 bytes, so 16 levels of folders take less than 16 of a record's 40 kB.
MAX_FOLDERS = 16


@dataclass(frozen=True)
class Filter:
    """Conditions that an image must meet; a condition that is not set allows every image."""

    folder: str = ""
    """A folder that contains the image at any depth: `a/b/`, of at most MAX_FOLDERS levels."""
    uploaded_after: int | None = None
    """Epoch seconds, inclusive."""
    uploaded_before: int | None = None
    """Epoch seconds, exclusive."""
    taken_after: int | None = None
    """Epoch seconds, inclusive."""
    taken_before: int | None = None
    """Epoch seconds, exclusive."""
    content_type: tuple[str, ...] = ()
    """Any of these types."""
    orientation: Orientation | None = None
    min_width: int | None = None
    """Pixels of the upright image."""
    min_height: int | None = None
    color: tuple[Color, ...] = ()
    """Any of these dominant colours."""
    name: str = ""
    """Parts that the file name must all have."""

    def expression(self, *, without: tuple[str, ...] = ()) -> dict[str, Any] | None:
        """The conditions, and the exclusion of the keys in `without`, in Pinecone's language.

        https://docs.pinecone.io/guides/search/filter-by-metadata
        """
        conditions: list[dict[str, Any]] = [
            {name: {operator: value}}
            for name, operator, value in (
                ("folders", "$eq", self.folder or None),
                ("uploaded_at", "$gte", self.uploaded_after),
                ("uploaded_at", "$lt", self.uploaded_before),
                ("taken_at", "$gte", self.taken_after),
                ("taken_at", "$lt", self.taken_before),
                ("content_type", "$in", list(self.content_type) or None),
                ("orientation", "$eq", self.orientation),
                ("width", "$gte", self.min_width),
                ("height", "$gte", self.min_height),
                ("colors", "$in", list(self.color) or None),
                ("key", "$nin", list(without) or None),
            )
            if value is not None
        ]
        conditions += [{"names": {"$eq": part}} for part in name_parts(self.name)]
        return {"$and": conditions} if conditions else None


ANY = Filter()


def folders(key: str) -> list[str]:
    """The folders that contain a key, outermost first: `a/` and `a/b/` for `a/b/c.jpg`.

    All of them are stored, because Pinecone compares whole values only.
    """
    parts = key.split("/")[:-1][:MAX_FOLDERS]
    return ["/".join(parts[: depth + 1]) + "/" for depth in range(len(parts))]


def orientation(width: int, height: int) -> Orientation:
    """The orientation of an image of this size."""
    if width == height:
        return "square"
    return "landscape" if width > height else "portrait"
