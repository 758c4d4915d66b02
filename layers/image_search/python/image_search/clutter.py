"""Files that computers leave in folders of images, and that are nobody's images."""

from __future__ import annotations

_NAMES = frozenset((".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini"))
# AppleDouble: what macOS knows of a file, beside it on disks of other systems.
_BESIDE = "._"


def is_clutter(key: str) -> bool:
    """Whether a key is such a file's: it is neither indexed nor listed."""
    name = key.rsplit("/", 1)[-1]
    return name.startswith(_BESIDE) or name.lower() in _NAMES
