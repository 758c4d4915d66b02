"""Reads when a photograph was taken, in the formats of cameras, scanners and programs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from image_search.exif import Tag, texts

# The oldest photograph that is known was taken in 1826 or 1827.
_FIRST_YEAR = 1826
# A camera's clock is taken as UTC if no offset is known, so that it may be this far ahead.
_AHEAD_SECONDS = 86_400
_SPELLING = re.compile(
    r"\s*(\d{4})[-:/. ](\d\d?)[-:/. ](\d\d?)"
    r"(?:[T ]\s*(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?\s*",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"\s*(?:Z|([+-])(\d\d):?(\d\d))\s*", re.IGNORECASE)
# In order of preference: dates of cameras and scanners, those of programs, that of the last change.
_XMP_NAMES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate")


def taken_at(exif: bytes, xmp: bytes) -> int | None:
    """Epoch seconds; a clock without an offset is taken as UTC; None if no date is plausible.

    `exif` begins with the TIFF header; both may be empty or damaged.
    """
    found = (moment(date, offset) for date, offset in _dates(texts(exif), xmp))
    return next((seconds for seconds in found if seconds is not None), None)


def _dates(exif: dict[int, str], xmp: bytes) -> Iterator[tuple[str, str]]:
    yield exif.get(Tag.DATE_TIME_ORIGINAL, ""), exif.get(Tag.OFFSET_TIME_ORIGINAL, "")
    yield exif.get(Tag.DATE_TIME_DIGITIZED, ""), exif.get(Tag.OFFSET_TIME_DIGITIZED, "")
    for name in _XMP_NAMES:
        value = re.search(rb"\b%s\s*(?:=\s*[\"']|>)\s*([^\"'<]{8,40})" % name.encode(), xmp)
        yield value[1].decode("latin-1") if value else "", ""
    yield exif.get(Tag.DATE_TIME, ""), exif.get(Tag.OFFSET_TIME, "")


def moment(date: str, offset: str = "") -> int | None:
    """Epoch seconds of a date; None if it is malformed, in the future, or before photography."""
    match = _SPELLING.fullmatch(date)
    if not match:
        return None
    zone = _zone(match[7] or offset)
    try:
        when = datetime(*(int(part or 0) for part in match.groups()[:6]), tzinfo=zone)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
    seconds = int(when.timestamp())
    believable = when.year >= _FIRST_YEAR and seconds <= time.time() + _AHEAD_SECONDS
    return seconds if believable else None


def _zone(text: str) -> timezone:
    match = _OFFSET.fullmatch(text)
    if not match or not match[1]:
        return UTC
    minutes = int(match[2]) * 60 + int(match[3])
    return timezone(timedelta(minutes=min(minutes, 1439)) * (-1 if match[1] == "-" else 1))
