"""The fields of requests: their validation and conversion."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Annotated
from unicodedata import category

from aws_lambda_powertools.event_handler.openapi.params import Query as QueryParameter
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from image_search.filters import MAX_FOLDERS
from image_search.formats import CONTENT_TYPES, ContentType
from image_search.s3_keys import MAX_KEY_BYTES

# CLIP reads about 60 words and the response reports longer texts; 10,000 words have about
# 60,000 characters.
MAX_TEXT_LENGTH = 100_000
# 1973 to 2286: fewer digits are a year or a date, more are milliseconds.
_EPOCH_SECONDS = re.compile(r"[0-9]{9,10}")
_YEAR_AND_MONTH = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
# A date alone, or followed by T or a space and a time. Python accepts any character between the
# two, and would take the offset of 2024-01-01+02:00 for a time of day.
_DATE = re.compile(r"[0-9W-]+(?:[T ].*)?")
# Letters, marks and symbols without a shape, such as fillers of Hangul, variation selectors and the
# blank pattern of Braille. https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
# Lambda accepts requests of 6 MB; in base64 these are 5.6 MB.
MAX_INLINE_BYTES = 4 * 2**20
_NUMBER = r"\d*\.?\d+"
_TYPES = CONTENT_TYPES | {"pjpeg": "image/jpeg", "ms-bmp": "image/bmp", "raw": "image/x-raw"}


class InlineTooLargeError(Exception):
    """The image in a request is larger than a request may carry."""

    def __init__(self, got: int) -> None:
        """Include its size, in bytes."""
        super().__init__(
            f"the image has {got} bytes, at most {MAX_INLINE_BYTES} are allowed; send a smaller "
            "copy, models see about 250 pixels"
        )


def _folder(name: str) -> str:
    if name and not name.endswith("/"):
        raise ValueError("a folder ends with a slash")
    return name


def indexed_levels(folder: str) -> str:
    """Refuse a folder that is too deep to filter by.

    Raises:
        ValueError: the folder has more levels than the index keeps.
    """
    if folder.count("/") > MAX_FOLDERS:
        raise ValueError(f"at most {MAX_FOLDERS} levels of folders are indexed")
    return folder


def _inside(crop: tuple[float, ...]) -> tuple[float, ...]:
    x, y, width, height = crop
    if width == 0 or height == 0:
        raise ValueError("the crop has no area")
    if x + width > 1 + 1e-9 or y + height > 1 + 1e-9:  # the sum of thirds slightly exceeds 1
        raise ValueError("the crop leaves the image: x + width and y + height are at most 1")
    return crop


def _split(crop: object) -> object:
    return crop.split(",") if isinstance(crop, str) else crop


def _decoded(image: object) -> bytes:
    if not isinstance(image, str):
        raise ValueError("a string of base64 is expected")
    if len(image) > MAX_INLINE_BYTES * 4 / 3 + 4:
        raise InlineTooLargeError(len(image) * 3 // 4)
    try:
        return base64.b64decode(image, validate=True)
    except binascii.Error as error:
        raise ValueError(f"this is not base64: {error}") from None


def has_controls(text: str) -> bool:
    """Whether a text has control characters."""
    return any(category(letter) == "Cc" for letter in text)


def key_sized(text: str) -> str:
    """Refuse a text longer than any key.

    Raises:
        ValueError: the text has more than 1,024 bytes of UTF-8.
    """
    if len(text.encode()) > MAX_KEY_BYTES:
        raise ValueError(f"{len(text.encode())} bytes, at most {MAX_KEY_BYTES} are allowed")
    return text


def _moment(given: object) -> datetime:
    """The start of the period that a text names: a year, a month, a day, or a time."""
    text = str(given).strip().upper()
    if _EPOCH_SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    if year_and_month := _YEAR_AND_MONTH.fullmatch(text):
        text = f"{year_and_month[1]}-{year_and_month[2] or '01'}-01"
    if "T" in text:
        text = text.replace(" ", "+")  # a + in a query string means a space
    try:
        moment = datetime.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise ValueError(
            "this is no time; send 2024, 2024-05, 2024-05-31, 2024-05-31T18:30:00+02:00, or epoch "
            "seconds of 9 or 10 digits, not milliseconds"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _visible(text: str) -> str:
    if all(category(letter)[0] in "CZ" or _BLANK.match(letter) for letter in text):
        raise ValueError("the text has no visible character")
    return text


def _media_type(name: object) -> object:
    """The media type that records have, by any name: people write `jpg` and `image/jpg`."""
    if not isinstance(name, str):
        return name
    subtype = name.partition(";")[0].strip().lower().removeprefix("image/").removeprefix("x-")
    return _TYPES.get(subtype, name)


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT_LENGTH),
    AfterValidator(_visible),
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
Folder = Annotated[str, AfterValidator(key_sized), AfterValidator(_folder)]
Prefix = Annotated[
    str,
    QueryParameter(max_length=MAX_KEY_BYTES, description="Only keys that begin with this"),
    AfterValidator(key_sized),
]
Cursor = Annotated[
    str,
    QueryParameter(max_length=MAX_KEY_BYTES, description="Cursor of the previous page"),
    AfterValidator(key_sized),
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=MAX_KEY_BYTES)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
CropFractions = Annotated[
    tuple[Fraction, Fraction, Fraction, Fraction],
    AfterValidator(_inside),
    Field(description="x, y, width, height in fractions of the upright image"),
]
CropText = Annotated[
    CropFractions,
    BeforeValidator(_split),
    WithJsonSchema({"type": "string", "pattern": f"^{_NUMBER}(,{_NUMBER}){{3}}$"}),
]
Base64Image = Annotated[
    bytes,
    BeforeValidator(_decoded),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
