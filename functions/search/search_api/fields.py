"""Fields that people write in several ways: times, content types and texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal
from unicodedata import category

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

# CLIP reads about 60 words and the response reports longer texts; 10,000 words have about
# 60,000 characters.
MAX_TEXT_LENGTH = 100_000
# 1973 to 2286: fewer digits are a year or a date, more are milliseconds.
_EPOCH_SECONDS = re.compile(r"[0-9]{9,10}")
_YEAR_AND_MONTH = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
# Letters and symbols without a shape: fillers of Hangul, and the blank pattern of Braille.
_BLANKS = "\u115f\u1160\u3164\uffa0\u2800"
_SUBTYPES = {"jpg": "jpeg", "pjpeg": "jpeg", "tif": "tiff", "x-ms-bmp": "bmp"}


def _moment(given: object) -> datetime:
    """The start of the period that a text names: a year, a month, a day, or a time."""
    text = str(given).strip().upper()
    if _EPOCH_SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    if year_and_month := _YEAR_AND_MONTH.fullmatch(text):
        text = f"{year_and_month[1]}-{year_and_month[2] or '01'}-01"
    if "T" in text:
        text = text.replace(" ", "+")  # which is what a + means in an address
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            "this is no time; send 2024, 2024-05, 2024-05-31, 2024-05-31T18:30:00+02:00, or epoch "
            "seconds of 9 or 10 digits, not milliseconds"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _visible(text: str) -> str:
    if all(category(letter)[0] in "CZ" or letter in _BLANKS for letter in text):
        raise ValueError("the text has no visible character")
    return text


def _media_type(name: object) -> object:
    """A media type by its full name; people write `jpg` and `image/jpg`."""
    if not isinstance(name, str):
        return name
    subtype = name.strip().lower().removeprefix("image/")
    return f"image/{_SUBTYPES.get(subtype, subtype)}"


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT_LENGTH),
    AfterValidator(_visible),
]
# The types that the decoder reads; no browser knows that of a camera's raw file.
ContentType = Literal[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/tiff",
    "image/bmp",
    "image/avif",
    "image/heic",
    "image/heif",
    "image/x-raw",
]
MediaType = Annotated[ContentType, BeforeValidator(_media_type)]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
                {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2})?$"},
                {"type": "integer"},
            ]
        }
    ),
]
