"""Keys and their prefixes."""

from __future__ import annotations

from itertools import accumulate

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
MAX_KEY_BYTES = 1024


def storable(key: str) -> bool:
    """Whether S3 accepts a key: it is short enough and no `..` leads above its first folder.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
    """
    steps = (-1 if part == ".." else int(part not in ("", ".")) for part in key.split("/"))
    return len(key.encode()) <= MAX_KEY_BYTES and min(accumulate(steps)) >= 0


def common(prefix: str, other: str) -> str | None:
    """The prefix of the keys that begin with both prefixes; None if there can be none."""
    shorter, longer = sorted((prefix, other), key=len)
    return longer if longer.startswith(shorter) else None
