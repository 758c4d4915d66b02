"""The requests of the API: typed, documented models, which become queries of the library."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    model_validator,
)

from image_search.colors import COLORS, Color
from image_search.decoding import Crop
from image_search.errors import QueryError
from image_search.filters import Filter, Orientation
from image_search.query import Inline, Query, Sort, Stored, Term, Words
from image_search.s3_keys import MAX_KEY_BYTES
from search_api.cursors import position_of
from search_api.fields import (
    Base64Image,
    CropFractions,
    CropText,
    Folder,
    Key,
    MediaType,
    Moment,
    Text,
    indexed_levels,
)
from search_api.model import Model

MAX_TERMS = 8
MAX_TOP_K = 100
# A larger weight would leave nothing of the other terms.
MAX_WEIGHT = 10


class _Request(Model):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Refinements(_Request):
    """Conditions that do not depend on the folder of an image.

    Times are ISO 8601, in UTC if they have no offset, or epoch seconds of 9 or 10 digits. A year
    (`2024`), a month (`2024-05`) and a day mean their start.
    """

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
            content_type=tuple(self.content_type),
            orientation=self.orientation,
            min_width=self.min_width,
            min_height=self.min_height,
            color=tuple(self.color),
            **seconds,
        )


class Conditions(Refinements):
    """Conditions that the images must meet.

    Times are ISO 8601, in UTC if they have no offset, or epoch seconds of 9 or 10 digits. A year
    (`2024`), a month (`2024-05`) and a day mean their start.
    """

    folder: Annotated[Folder, AfterValidator(indexed_levels)] = Field(
        "", max_length=MAX_KEY_BYTES, description="A folder, with its slash: `holidays/2024/`"
    )

    def filter(self) -> Filter:
        """Convert the conditions to a filter of the library."""
        return replace(super().filter(), folder=self.folder)


class Options(_Request):
    """Number, quality and order of the matches."""

    top_k: int = Field(24, ge=1, le=MAX_TOP_K, description="Matches on a page")
    cursor: str = Field("", max_length=200, description="Cursor of the previous page")
    min_score: float | None = Field(
        None,
        ge=-1,
        le=1,
        allow_inf_nan=False,
        description="Minimum cosine; /api/health lists under bundle.scores what a model scores",
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
        return replace(query, position=position_of(self.cursor, query, bundle))


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
