"""Which images a search may find, as conditions that hold inside the index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Orientation = Literal["landscape", "portrait", "square"]
# A key has at most 1,024 bytes, so the folders of 16 levels stay below 16 kB of a record's 40.
MAX_FOLDERS = 16


@dataclass(frozen=True)
class Filter:
    """Conditions on an image; what is not set allows everything."""

    prefix: str = ""
    """A folder that holds the image, at any depth: `a/b/`, of at most MAX_FOLDERS levels."""
    uploaded_after: int | None = None
    """Epoch seconds, itself included; so are the other times."""
    uploaded_before: int | None = None
    """Epoch seconds, itself not included."""
    taken_after: int | None = None
    taken_before: int | None = None
    content_type: tuple[str, ...] = ()
    """Any of these."""
    orientation: Orientation | None = None
    min_width: int | None = None
    """Pixels, upright."""
    min_height: int | None = None

    def expression(self, *, without: tuple[str, ...] = ()) -> dict[str, Any] | None:
        """These conditions and other keys than `without`, as Pinecone writes them.

        https://docs.pinecone.io/guides/search/filter-by-metadata
        """
        conditions = [
            {name: {operator: value}}
            for name, operator, value in (
                ("folders", "$eq", self.prefix or None),
                ("uploaded_at", "$gte", self.uploaded_after),
                ("uploaded_at", "$lt", self.uploaded_before),
                ("taken_at", "$gte", self.taken_after),
                ("taken_at", "$lt", self.taken_before),
                ("content_type", "$in", list(self.content_type) or None),
                ("orientation", "$eq", self.orientation),
                ("width", "$gte", self.min_width),
                ("height", "$gte", self.min_height),
                ("key", "$nin", list(without) or None),
            )
            if value is not None
        ]
        return {"$and": conditions} if conditions else None


ANY = Filter()


def folders(key: str) -> list[str]:
    """The folders that hold a key, outermost first: `a/b/c.jpg` is in `a/` and in `a/b/`.

    Pinecone compares whole values and knows no "starts with", so each is stored.
    """
    parts = key.split("/")[:-1][:MAX_FOLDERS]
    return ["/".join(parts[: depth + 1]) + "/" for depth in range(len(parts))]


def orientation(width: int, height: int) -> Orientation:
    """How a picture is held."""
    if width == height:
        return "square"
    return "landscape" if width > height else "portrait"
