"""The responses of the API as typed, documented models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from image_search.bundle import ScoreRange
from image_search.collection_map import CollectionMap, Point
from image_search.colors import Color
from image_search.gallery import StoredImage
from image_search.records import Match, Metadata
from image_search.scores import strength
from image_search.searching import Answer
from search_api.model import Model
from search_api.urls import Urls


class Image(Model):
    """One image of the gallery."""

    key: str
    url: str = Field(description="The original, on this origin")
    thumbnail_url: str | None = Field(None, description="WebP, 400 px; null unless indexed")
    preview_url: str | None = Field(
        None, description="WebP, 2048 px, where browsers cannot show the original"
    )
    state: Literal["indexed", "pending", "rejected"]
    reason: str | None = Field(None, description="Of a rejection: a short, stable code")
    detail: str | None = Field(
        None, description="Of a rejection: a sentence that names the cause and the remedy"
    )
    etag: str
    size: int = Field(description="Bytes")
    uploaded_at: int = Field(description="Epoch seconds")
    taken_at: int | None = Field(None, description="Epoch seconds, from EXIF")
    width: int | None = Field(None, description="Pixels, upright")
    height: int | None = Field(None, description="Pixels, upright")
    content_type: str | None = None
    thumbhash: str | None = Field(None, description="Base64; https://evanw.github.io/thumbhash/")
    truncated: bool | None = Field(
        None, description="The file ends early; the missing part is white"
    )
    raw: bool | None = Field(None, description="A camera's raw file; its largest JPEG is indexed")
    colors: list[Color] = Field([], description="Dominant colours, the most frequent first")

    @classmethod
    def of(cls, image: StoredImage, urls: Urls) -> Image:
        """Build the response from a stored image."""
        if image.metadata:
            return cls.of_metadata(image.metadata, urls)
        info, rejection = image.info, image.rejection
        return cls(
            key=info.key,
            url=urls.original(info.key, info.etag),
            state=image.state,
            reason=rejection and rejection.reason,
            detail=rejection and rejection.detail,
            etag=info.etag,
            size=info.size,
            uploaded_at=info.uploaded_at,
        )

    @classmethod
    def of_metadata(cls, metadata: Metadata, urls: Urls) -> Image:
        """Build the response from the metadata of a record."""
        return cls(state="indexed", **_indexed(metadata, urls))


class ImagePage(Model):
    """One page of the gallery."""

    images: list[Image]
    folders: list[str] = Field([], description="Folders directly in the prefix, if requested")
    cursor: str | None = Field(description="Cursor of the next page; null on the last")


class ScoredImage(Image):
    """An image that was found."""

    score: float = Field(description="Cosine to the query, −1 to 1")
    strength: float = Field(
        description="The place of the score in the model's range for this kind of query: 0 for "
        "what arbitrary images score, 1 for the best matches of the samples"
    )

    @classmethod
    def of_match(cls, match: Match, urls: Urls, measured: ScoreRange) -> ScoredImage:
        """Build the response from a match."""
        return cls(
            state="indexed",
            score=round(match.score, 4),
            strength=round(strength(match.score, measured), 3),
            **_indexed(match.metadata, urls),
        )


class FoundImage(ScoredImage):
    """An image that was found, with its duplicates."""

    duplicates: list[ScoredImage] = Field([], description="Filled if the query has collapse")


class TermAnswer(Model):
    """How a term was converted to a vector."""

    stored: bool = Field(description="The index supplied the vector; no model ran")
    cut: bool = Field(
        description="The text exceeds the context length of the model and was truncated"
    )
    unknown_words: tuple[str, ...] | None = Field(
        None,
        description="Words of the text, as they were written, that the model does not know: they "
        "say nothing about the matches. Null for images, and where the model cannot tell",
    )


class SearchAnswer(Model):
    """Matches, best first."""

    matches: list[FoundImage]
    more: bool = Field(description="Whether further matches follow")
    cursor: str | None = Field(
        description="Cursor of the next page; null at the end, and after the 10,000 best matches"
    )
    terms: list[TermAnswer] = Field(description="In the order of the query")
    scores: ScoreRange = Field(
        description="What this model scores for words, or for images if the query has one; "
        "matches below `certain` are less certain"
    )
    bundle: str
    timings_ms: dict[str, float] = Field(description="Wall-clock milliseconds per stage")

    @classmethod
    def of(
        cls, answer: Answer, bundle: str, cursor: str | None, urls: Urls, measured: ScoreRange
    ) -> SearchAnswer:
        """Build the response from the answer of a search."""
        return cls(
            matches=[
                FoundImage(
                    **vars(ScoredImage.of_match(match, urls, measured)),
                    duplicates=[
                        ScoredImage.of_match(other, urls, measured)
                        for other in answer.duplicates.get(match.metadata.key, [])
                    ],
                )
                for match in answer.matches
            ],
            more=answer.more,
            cursor=cursor,
            terms=[TermAnswer(**vars(term)) for term in answer.terms],
            scores=measured,
            bundle=bundle,
            timings_ms=answer.timings_ms,
        )


class DuplicatesPage(Model):
    """Groups of images that are duplicates."""

    groups: list[list[Image]]
    threshold: float = Field(
        description="Images with a higher cosine whose pixels agree count as duplicates"
    )
    cursor: str | None = Field(
        description="Cursor of the next page, even if groups is empty; null at the end"
    )


class MapPoint(Model):
    """An image on the map, with only what drawing needs: a map has thousands."""

    key: str
    x: float = Field(description="0 to 1")
    y: float = Field(description="0 to 1")
    etag: str
    thumbnail_url: str = Field(description="WebP, 400 px")
    width: int = Field(description="Pixels, upright")
    height: int = Field(description="Pixels, upright")
    thumbhash: str = Field(description="Base64; https://evanw.github.io/thumbhash/")

    @classmethod
    def of(cls, point: Point, urls: Urls) -> MapPoint:
        """Build the response from a point."""
        # Four digits are a tenth of a pixel on a screen.
        metadata = point.metadata
        thumbnail_url = urls.thumbnail(metadata.key, metadata.etag)
        place = {"x": round(point.x, 4), "y": round(point.y, 4)}
        return cls(**vars(metadata), **place, thumbnail_url=thumbnail_url)


class MapAnswer(Model):
    """Images placed so that similar ones are near each other."""

    points: list[MapPoint]
    total: int = Field(description="Number of images in the index")
    sampled: bool = Field(
        description="Whether the points are a random sample rather than all images"
    )
    bundle: str

    @classmethod
    def of(cls, collection: CollectionMap, bundle: str, urls: Urls) -> MapAnswer:
        """Build the response from a map."""
        points = [MapPoint.of(point, urls) for point in collection.points]
        total, sampled = collection.total, collection.sampled
        return cls(points=points, total=total, sampled=sampled, bundle=bundle)


def _indexed(metadata: Metadata, urls: Urls) -> dict[str, Any]:
    key, version = metadata.key, metadata.etag
    return {
        **vars(metadata),
        "url": urls.original(key, version),
        "thumbnail_url": urls.thumbnail(key, version),
        "preview_url": urls.preview(key, version) if metadata.preview else None,
    }
