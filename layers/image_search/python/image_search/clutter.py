"""Files that operating systems create in folders of images."""

from __future__ import annotations

_NAMES = frozenset((".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini"))
# AppleDouble: the metadata that macOS stores beside a file on the disks of other systems.
_BESIDE = "._"


def is_clutter(key: str) -> bool:
    """Whether a key names such a file, which is neither indexed nor listed."""
    name = key.rsplit("/", 1)[-1]
    return name.startswith(_BESIDE) or name.lower() in _NAMES
