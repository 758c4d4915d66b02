"""What may be asked, as typed, documented models that become a query of the library."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from image_search.errors import CursorError, QueryError
from image_search.filters import MAX_FOLDERS, Filter, Orientation
from image_search.pinecone_index import MAX_RANK
from image_search.preprocess import Crop
from image_search.query import Inline, Position, Query, Sort, Stored, Term, Words
from image_search.s3 import MAX_KEY_BYTES

# CLIP reads about 60 words and says when it was more; 10,000 words have some 60,000 characters.
MAX_TEXT_LENGTH = 100_000
MAX_TERMS = 8
MAX_TOP_K = 100
# Two names of at most 127 characters and a slash: https://www.rfc-editor.org/rfc/rfc6838#section-4.2
MAX_TYPE_LENGTH = 255
# A term that weighs more leaves nothing of the others.
MAX_WEIGHT = 10
# Lambda takes 6 MB; base64 makes 5.6 of these.
MAX_INLINE_BYTES = 4 * 2**20
_NUMBER = r"\d*\.?\d+"


class InlineTooLargeError(Exception):
    """A picture in a request that is larger than a request may carry."""

    def __init__(self, got: int) -> None:
        """Keep its size, in bytes."""
        super().__init__(
            f"the picture has {got} bytes, at most {MAX_INLINE_BYTES} are allowed; send a smaller "
            "copy, models see about 250 pixels"
        )


def _epoch(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _folder(prefix: str) -> str:
    if prefix and not prefix.endswith("/"):
        raise ValueError("a folder ends with a slash")
    if prefix.count("/") > MAX_FOLDERS:
        raise ValueError(f"at most {MAX_FOLDERS} levels of folders are indexed")
    return prefix


def _inside(crop: tuple[float, ...]) -> tuple[float, ...]:
    x, y, width, height = crop
    if width == 0 or height == 0:
        raise ValueError("the crop has no area")
    if x + width > 1 + 1e-9 or y + height > 1 + 1e-9:  # thirds add up to a little more than 1
        raise ValueError("the crop leaves the picture: x + width and y + height are at most 1")
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
    """No key is longer, so nothing begins with or comes after more."""
    if len(text.encode()) > MAX_KEY_BYTES:
        raise ValueError(f"{len(text.encode())} bytes, at most {MAX_KEY_BYTES} are allowed")
    return text


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT_LENGTH),
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=MAX_KEY_BYTES)]
MediaType = Annotated[str, StringConstraints(max_length=MAX_TYPE_LENGTH)]
Moment = Annotated[datetime, AfterValidator(_epoch)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
CropFractions = Annotated[
    tuple[Fraction, Fraction, Fraction, Fraction],
    AfterValidator(_inside),
    Field(description="x, y, width, height in fractions of the upright picture"),
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


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Conditions(_Request):
    """Which images may be found.

    Times are ISO 8601, in UTC where no offset is named, or epoch seconds.
    """

    prefix: Annotated[str, AfterValidator(_folder)] = Field(
        "", max_length=MAX_KEY_BYTES, description="A folder, with its slash: `holidays/2024/`"
    )
    uploaded_after: Moment | None = Field(None, description="At this time or later")
    uploaded_before: Moment | None = Field(None, description="Before this time")
    taken_after: Moment | None = Field(None, description="At this time or later, as EXIF says")
    taken_before: Moment | None = Field(None, description="Before this time, as EXIF says")
    content_type: list[MediaType] = Field(
        [], max_length=10, description="Any of these: `image/jpeg`"
    )
    orientation: Orientation | None = None
    min_width: int | None = Field(None, ge=1, le=1_000_000, description="Pixels, upright")
    min_height: int | None = Field(None, ge=1, le=1_000_000, description="Pixels, upright")

    def filter(self) -> Filter:
        """As the index understands it."""
        times = ("uploaded_after", "uploaded_before", "taken_after", "taken_before")
        moments = {name: getattr(self, name) for name in times}
        return Filter(
            prefix=self.prefix,
            content_type=tuple(self.content_type),
            orientation=self.orientation,
            min_width=self.min_width,
            min_height=self.min_height,
            **{name: moment and int(moment.timestamp()) for name, moment in moments.items()},
        )


class Options(_Request):
    """How many matches, how good, in what order."""

    top_k: int = Field(24, ge=1, le=MAX_TOP_K, description="Matches on a page")
    cursor: str = Field("", max_length=200, description="From the page before")
    min_score: float | None = Field(
        None,
        ge=-1,
        le=1,
        allow_inf_nan=False,
        description="The least cosine; /api/health tells under bundle.scores what a model scores",
    )
    relative: float | None = Field(
        None,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="The least part of the best score: 0.8 keeps what comes near the best match",
    )
    sort: Sort = Field("score", description="Order within a page; times with the newest first")
    collapse: bool = Field(False, description="List duplicates under the better match")

    def query(self, terms: tuple[Term, ...], conditions: Conditions, bundle: str) -> Query:
        """As the library understands it.

        Raises:
            CursorError: the cursor comes from another query.
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
    """The simple query. Terms count in this order: text, key, not_text, not_key."""

    text: list[Text] = Field([], description="Words", examples=[["a castle"]])
    key: list[Key] = Field([], description="Keys of stored images")
    not_text: list[Text] = Field([], description="Words: less like this")
    not_key: list[Key] = Field([], description="Keys of stored images: less like these")
    crop: CropText | None = Field(
        None, description="The part of the one key that counts", examples=["0.5,0,0.5,1"]
    )

    def terms(self) -> tuple[Term, ...]:
        """The terms.

        Raises:
            QueryError: none, too many, or a crop without the one key that it belongs to.
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
    """Words, the key of a stored image, or a picture: exactly one of them."""

    text: Text | None = None
    key: Key | None = Field(None, description="Of a stored image")
    image: Base64Image | None = Field(None, description="A picture of at most 4 MB, base64")
    weight: float = Field(
        1, ge=-MAX_WEIGHT, le=MAX_WEIGHT, allow_inf_nan=False, description="Negative: less like it"
    )
    crop: CropFractions | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> TermRequest:
        if sum(value is not None for value in (self.text, self.key, self.image)) != 1:
            raise ValueError("a term has exactly one of text, key and image")
        if self.crop and self.text is not None:
            raise ValueError("words have no crop")
        if self.weight == 0:
            raise ValueError("a term that weighs 0 says nothing; leave it out")
        return self

    def term(self) -> Term:
        """As the library understands it."""
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
    """What to ask the next page with; None without one."""
    if position is None:
        return None
    parts = [_digest(query, bundle), position.rank, round(position.best_score, 4)]
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def _position(cursor: str, query: Query, bundle: str) -> Position:
    try:
        digest, rank, best_score = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        position = Position(int(rank), float(best_score))
    except (ValueError, TypeError, OverflowError):
        raise CursorError("the cursor is not one that a page came with") from None
    if digest != _digest(query, bundle) or not 0 < position.rank < MAX_RANK:
        raise CursorError("the cursor belongs to another query; ask for its first page")
    return position


def _digest(query: Query, bundle: str) -> str:
    """What must be the same on all pages of a query."""
    same = (bundle, query.terms, query.filter, query.collapse)
    return blake2b(repr(same).encode(), digest_size=8).hexdigest()
