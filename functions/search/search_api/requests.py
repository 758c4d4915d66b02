"""The requests of the API: typed, documented models, which become queries of the library."""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import replace
from hashlib import blake2b
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query as QueryParameter
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from image_search.colors import COLORS, Color
from image_search.errors import CursorError, QueryError
from image_search.filters import MAX_FOLDERS, Filter, Orientation
from image_search.pinecone_index import MAX_RANK
from image_search.preprocess import Crop
from image_search.query import Inline, Query, Sort, Stored, Term, Words
from image_search.ranking import Position, Ranked
from image_search.s3 import MAX_KEY_BYTES
from search_api.fields import MediaType, Moment, Text
from search_api.model import Model

MAX_TERMS = 8
MAX_TOP_K = 100
# A larger weight would leave nothing of the other terms.
MAX_WEIGHT = 10
# Lambda accepts 6 MB; in base64 these are 5.6 MB.
MAX_INLINE_BYTES = 4 * 2**20
_NUMBER = r"\d*\.?\d+"


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


def _indexed_levels(folder: str) -> str:
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


def key_sized(text: str) -> str:
    """Refuse a text longer than any key.

    Raises:
        ValueError: the text has more than 1,024 bytes of UTF-8.
    """
    if len(text.encode()) > MAX_KEY_BYTES:
        raise ValueError(f"{len(text.encode())} bytes, at most {MAX_KEY_BYTES} are allowed")
    return text


Folder = Annotated[str, AfterValidator(key_sized), AfterValidator(_folder)]
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


class _Request(Model):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Conditions(_Request):
    """Conditions that the images must meet.

    Times are ISO 8601, in UTC if they have no offset, or epoch seconds of 9 or 10 digits. A year
    (`2024`), a month (`2024-05`) and a day mean their start.
    """

    folder: Annotated[Folder, AfterValidator(_indexed_levels)] = Field(
        "", max_length=MAX_KEY_BYTES, description="A folder, with its slash: `holidays/2024/`"
    )
    uploaded_after: Moment | None = Field(None, description="At this time or later")
    uploaded_before: Moment | None = Field(None, description="Before this time")
    taken_after: Moment | None = Field(None, description="At this time or later, according to EXIF")
    taken_before: Moment | None = Field(None, description="Before this time, according to EXIF")
    content_type: list[MediaType] = Field(
        [], max_length=10, description="Any of these types, such as `image/jpeg`"
    )
    orientation: Orientation | None = None
    min_width: int | None = Field(None, ge=1, le=1_000_000, description="Pixels, upright")
    min_height: int | None = Field(None, ge=1, le=1_000_000, description="Pixels, upright")
    color: list[Color] = Field(
        [], max_length=len(COLORS), description="Any of these dominant colours"
    )

    def filter(self) -> Filter:
        """Convert the conditions to a filter of the library."""
        times = ("uploaded_after", "uploaded_before", "taken_after", "taken_before")
        moments = {name: getattr(self, name) for name in times}
        seconds: dict[str, Any] = {
            name: moment and int(moment.timestamp()) for name, moment in moments.items()
        }
        return Filter(
            folder=self.folder,
            content_type=tuple(self.content_type),
            orientation=self.orientation,
            min_width=self.min_width,
            min_height=self.min_height,
            color=tuple(self.color),
            **seconds,
        )


class Options(_Request):
    """Number, quality and order of the matches."""

    top_k: int = Field(24, ge=1, le=MAX_TOP_K, description="Matches on a page")
    cursor: str = Field("", max_length=200, description="Cursor of the previous page")
    min_score: float | None = Field(
        None,
        ge=-1,
        le=1,
        allow_inf_nan=False,
        description="Minimum cosine; /api/health tells under bundle.scores what a model scores",
    )
    relative: float | None = Field(
        None,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Minimum fraction of the best score: 0.8 keeps what is near the best match",
    )
    sort: Sort = Field("score", description="Order within a page; the newest first for times")
    collapse: bool = Field(False, description="List duplicates under the better match")

    def query(self, terms: tuple[Term, ...], conditions: Conditions, bundle: str) -> Query:
        """Convert the options to a query of the library.

        Raises:
            CursorError: the cursor belongs to another query.
        """
        query = Query(
            terms=terms,
            filter=conditions.filter(),
            top_k=self.top_k,
            min_score=self.min_score,
            relative=self.relative,
            sort=self.sort,
            collapse=self.collapse,
        )
        if not self.cursor:
            return query
        return replace(query, position=_position(self.cursor, query, bundle))


class SearchParameters(Conditions, Options):
    """The simple query. Its terms are in this order: text, key, not_text, not_key."""

    text: list[Text] = Field([], description="Words", examples=[["a castle"]])
    key: list[Key] = Field([], description="Keys of stored images")
    not_text: list[Text] = Field([], description="Words to avoid")
    not_key: list[Key] = Field([], description="Keys of stored images to avoid")
    crop: CropText | None = Field(
        None,
        description="The part of the one selected image to search by",
        examples=["0.5,0,0.5,1"],
    )

    def terms(self) -> tuple[Term, ...]:
        """The terms in their order.

        Raises:
            QueryError: there are none or too many, or a crop has not exactly one key.
        """
        if self.crop and len(self.key) != 1:
            raise QueryError(f"crop belongs to one key, {len(self.key)} are given; POST the terms")
        crop = Crop(*self.crop) if self.crop else None
        terms: tuple[Term, ...] = (
            *(Words(text) for text in self.text),
            *(Stored(key, crop=crop) for key in self.key),
            *(Words(text, -1) for text in self.not_text),
            *(Stored(key, -1) for key in self.not_key),
        )
        if not 1 <= len(terms) <= MAX_TERMS:
            raise QueryError(
                f"{len(terms)} terms, 1 to {MAX_TERMS} are allowed: text, key, not_text, not_key"
            )
        return terms


class TermRequest(_Request):
    """A term: exactly one of a text, the key of a stored image and an image."""

    text: Text | None = None
    key: Key | None = Field(None, description="Key of a stored image")
    image: Base64Image | None = Field(None, description="An image of at most 4 MB, base64")
    weight: float = Field(
        1,
        ge=-MAX_WEIGHT,
        le=MAX_WEIGHT,
        allow_inf_nan=False,
        description="Negative to avoid similar images",
    )
    crop: CropFractions | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> TermRequest:
        if sum(value is not None for value in (self.text, self.key, self.image)) != 1:
            raise ValueError("a term has exactly one of text, key and image")
        if self.crop and self.text is not None:
            raise ValueError("a text has no crop")
        if self.weight == 0:
            raise ValueError("a term of weight 0 has no effect; leave it out")
        return self

    def term(self) -> Term:
        """Convert the term to a term of the library."""
        crop = Crop(*self.crop) if self.crop else None
        if self.text is not None:
            return Words(self.text, self.weight)
        if self.key is not None:
            return Stored(self.key, self.weight, crop)
        return Inline(self.image or b"", self.weight, crop)


class SearchRequest(Options):
    """The full query: the normalised weighted sum of its terms."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"terms": [{"text": "a beach"}, {"text": "people", "weight": -0.5}], "top_k": 3}
            ]
        }
    )

    terms: list[TermRequest] = Field(min_length=1, max_length=MAX_TERMS)
    filter: Conditions = Conditions()


def cursor_of(position: Position | None, query: Query, bundle: str) -> str | None:
    """The cursor of the next page; None if there is none."""
    if position is None:
        return None
    id_, score = position.last
    scores = [round(number, 7) for number in (score, position.best_score)]  # those of a float32
    parts = [_digest(query, bundle), position.rank, id_, *scores]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def _position(cursor: str, query: Query, bundle: str) -> Position:
    try:
        digest, rank, id_, score, best = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        position = Position(Ranked(str(id_), float(score)), int(rank), float(best))
    except (ValueError, TypeError, OverflowError):
        raise CursorError("the cursor is not that of any page") from None
    if not (math.isfinite(position.last.score) and math.isfinite(position.best_score)):
        raise CursorError("the cursor is not that of any page")
    if digest != _digest(query, bundle) or not 0 < position.rank < MAX_RANK:
        raise CursorError("the cursor belongs to another query; ask for its first page")
    return position


def _digest(query: Query, bundle: str) -> str:
    """A digest of everything that must be equal on all pages of a query."""
    parts = (bundle, query.terms, query.filter, query.collapse)
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()
