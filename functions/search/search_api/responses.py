"""What the API says: requests and answers as typed, documented models."""

from __future__ import annotations

from typing import Annotated, Literal
from unicodedata import category

from pydantic import AfterValidator, BaseModel, Field

from image_search.bundle import Fidelity, Manifest, ScoreRange, Scores
from image_search.collection_map import Map, Point
from image_search.gallery import StoredImage
from image_search.pinecone_index import Match, Metadata
from image_search.preprocess import MAX_IMAGE_BYTES
from image_search.scores import strength
from image_search.searching import Answer
from search_api import urls
from search_api.requests import key_sized

# What the decoder reads and browsers send.
ContentType = Literal[
    "image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/bmp", "image/avif"
]


def _storable(key: str) -> str:
    if {".", ".."} & set(key.split("/")):  # who deletes a/../b in a browser deletes b
        raise ValueError("browsers take the folders . and .. for others; choose another key")
    if "${filename}" in key:  # which S3 would replace by the name of the uploaded file
        raise ValueError("${filename} has a meaning in upload forms; choose another key")
    if key.endswith("/"):  # which S3 clients show as an empty folder
        raise ValueError("a key that ends with / is a folder's; choose another key")
    if any(category(letter) == "Cc" for letter in key):
        raise ValueError("the key has control characters; choose another key")
    return key


class Image(BaseModel):
    """One image of the gallery."""

    key: str
    url: str = Field(description="The original, on this origin")
    thumbnail_url: str | None = Field(None, description="WebP, 400 px; null unless indexed")
    state: Literal["indexed", "pending", "rejected"]
    reason: str | None = Field(None, description="Why it is rejected")
    etag: str
    size: int = Field(description="Bytes")
    uploaded_at: int = Field(description="Epoch seconds")
    taken_at: int | None = Field(None, description="Epoch seconds, from EXIF")
    width: int | None = Field(None, description="Pixels, upright")
    height: int | None = Field(None, description="Pixels, upright")
    content_type: str | None = None
    thumbhash: str | None = Field(None, description="Base64; https://evanw.github.io/thumbhash/")

    @classmethod
    def of(cls, image: StoredImage) -> Image:
        """Say what is known of a stored image."""
        if image.metadata:
            return cls.of_metadata(image.metadata)
        info = image.info
        return cls(
            key=info.key,
            url=urls.original(info.key, info.etag),
            state=image.state,
            reason=image.reason,
            etag=info.etag,
            size=info.size,
            uploaded_at=info.uploaded_at,
        )

    @classmethod
    def of_metadata(cls, metadata: Metadata) -> Image:
        """Say what the index knows of an image."""
        return cls(state="indexed", **_indexed(metadata))


class ImagePage(BaseModel):
    """One page of the gallery."""

    images: list[Image]
    folders: list[str] = Field([], description="Folders right in the prefix, where asked for")
    cursor: str | None = Field(description="Ask with it for the next page; null on the last")


class ScoredImage(Image):
    """An image found."""

    score: float = Field(description="Cosine to the query, −1 to 1")
    strength: float = Field(
        description="0 where arbitrary images are, 1 where the best matches of the samples are: "
        "the score in the range that the model has for this kind of query"
    )

    @classmethod
    def of_match(cls, match: Match, measured: ScoreRange) -> ScoredImage:
        """Say what a match is."""
        return cls(
            state="indexed",
            score=round(match.score, 4),
            strength=round(strength(match.score, measured), 3),
            **_indexed(match.metadata),
        )


class FoundImage(ScoredImage):
    """An image found, with those that are the same picture."""

    duplicates: list[ScoredImage] = Field([], description="Filled when asked with collapse")


class TermAnswer(BaseModel):
    """How a term became a vector."""

    stored: bool = Field(description="By the vector in the index: no model ran")
    cut: bool = Field(description="The text is longer than the model reads; its end is ignored")


class SearchAnswer(BaseModel):
    """Matches, best first."""

    matches: list[FoundImage]
    more: bool = Field(description="There are more matches than these")
    cursor: str | None = Field(
        description="Ask with it for more; null at the end, and after the 10,000 best"
    )
    terms: list[TermAnswer] = Field(description="In the order of the query")
    scores: ScoreRange = Field(
        description="What this model scores for words, or for images where the query has one; "
        "matches below `certain` are less certain"
    )
    bundle: str
    timings_ms: dict[str, float] = Field(description="Wall-clock milliseconds per stage")

    @classmethod
    def of(
        cls, answer: Answer, bundle: str, cursor: str | None, measured: ScoreRange
    ) -> SearchAnswer:
        """Say what was found, and how."""
        return cls(
            matches=[
                FoundImage(
                    **vars(ScoredImage.of_match(match, measured)),
                    duplicates=[
                        ScoredImage.of_match(other, measured)
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


class DuplicatesPage(BaseModel):
    """Images that are the same picture."""

    groups: list[list[Image]]
    threshold: float = Field(
        description="Images with a higher cosine, and alike in their pixels, are the same picture"
    )
    cursor: str | None = Field(
        description="Ask with it for more, even where groups is empty; null at the end"
    )


class MapPoint(BaseModel):
    """An image on the map, and no more of it than drawing it needs: a map has thousands."""

    key: str
    x: float = Field(description="0 to 1")
    y: float = Field(description="0 to 1")
    etag: str
    thumbnail_url: str = Field(description="WebP, 400 px")
    width: int = Field(description="Pixels, upright")
    height: int = Field(description="Pixels, upright")
    thumbhash: str = Field(description="Base64; https://evanw.github.io/thumbhash/")

    @classmethod
    def of(cls, point: Point) -> MapPoint:
        """Say where an image is."""
        # Four digits are a tenth of a pixel on a screen.
        metadata = point.metadata
        thumbnail_url = urls.thumbnail(metadata.key, metadata.etag)
        place = {"x": round(point.x, 4), "y": round(point.y, 4)}
        return cls(**vars(metadata), **place, thumbnail_url=thumbnail_url)


class CollectionMap(BaseModel):
    """Images placed so that alike ones are near each other."""

    points: list[MapPoint]
    total: int = Field(description="Images in the index")
    sampled: bool = Field(description="The points are a fair sample, not all images")
    bundle: str

    @classmethod
    def of(cls, drawn: Map, bundle: str) -> CollectionMap:
        """Say what is on the map."""
        points = [MapPoint.of(point) for point in drawn.points]
        return cls(points=points, total=drawn.total, sampled=drawn.sampled, bundle=bundle)


class UploadRequest(BaseModel):
    """An image that is about to be uploaded."""

    key: Annotated[str, AfterValidator(key_sized), AfterValidator(_storable)] = Field(
        min_length=1,
        description="At most 1,024 bytes of UTF-8",
        examples=["holidays/beach.jpg"],
    )
    content_type: ContentType
    size: int = Field(gt=0, le=MAX_IMAGE_BYTES, description="Bytes")
    replace: bool = Field(False, description="Allow to replace an image of the same key")


class UploadForm(BaseModel):
    """A form to send as multipart/form-data: `fields` in order, then the file as `file`."""

    url: str
    fields: dict[str, str]


class BundleInfo(BaseModel):
    """The model that serves."""

    id: str
    name: str
    dimension: int
    notice: str
    precision: str
    processor: str = Field(description="What it was built for")
    self_test_cosine: float = Field(description="Of the text tower, to full precision")
    fidelity: dict[str, Fidelity] = Field(
        description="How near each tower comes to full precision, as its build measured it"
    )
    scores: Scores = Field(description="What scores of words and of images mean")

    @classmethod
    def of(cls, manifest: Manifest, self_test_cosine: float) -> BundleInfo:
        """Say what a manifest says."""
        told = manifest.model_dump(include=set(cls.model_fields))
        return cls(**told, self_test_cosine=round(self_test_cosine, 4))


class SignIn(BaseModel):
    """Where people sign in: OpenID Connect, authorization code with PKCE."""

    client: str
    issuer: str
    address: str = Field(description="Of the page that asks who one is")


class Health(BaseModel):
    """That the system works, and how it is set up."""

    status: Literal["ok"]
    bundle: BundleInfo
    index: dict[str, int]
    images_bucket: str
    reads: Literal["open", "signed-in"]
    writes: Literal["open", "signed-in", "off"]
    sign_in: SignIn | None = Field(description="Null where nothing takes a sign-in")


def _indexed(metadata: Metadata) -> dict[str, str | int | None]:
    key, version = metadata.key, metadata.etag
    return {
        **vars(metadata),
        "url": urls.original(key, version),
        "thumbnail_url": urls.thumbnail(key, version),
    }
