"""The search function: HTTP routes that parse, call the core and answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from image_search import wiring
from image_search.errors import QueryError
from image_search.settings import settings
from problems import logger, register
from schemas import (
    BundleInfo,
    Health,
    Image,
    ImagePage,
    ScoredImage,
    SearchAnswer,
    UploadForm,
    UploadRequest,
)

# CLIP reads about 60 words; longer texts cost time and are cut.
MAX_TEXT_LENGTH = 1000
MAX_TOP_K = 100
# One page costs one request to S3 and one to the index, which fetches 100 records at a time.
MAX_PAGE = 100
IMAGES = "/api/images"

app = APIGatewayHttpResolver(enable_validation=True)
register(app)
# Loaded before the first request, and before a SnapStart snapshot is taken.
searcher, gallery = wiring.searcher(), wiring.gallery()
text_encoder = wiring.text_encoder()


@app.get("/api/search")
def search(
    text: Annotated[str | None, Query(min_length=1, max_length=MAX_TEXT_LENGTH)] = None,
    key: Annotated[str | None, Query(min_length=1, max_length=1024)] = None,
    top_k: Annotated[int, Query(ge=1, le=MAX_TOP_K)] = 24,
) -> SearchAnswer:
    """Search by words or by the key of an image."""
    if (text is None) == (key is None):
        raise QueryError("send either text or key")
    answer = searcher.by_text(text, top_k) if text else searcher.by_key(str(key), top_k)
    return SearchAnswer(
        matches=[ScoredImage.of_match(match) for match in answer.matches],
        bundle=settings().bundle,
        timings_ms=answer.timings_ms,
        text_cut=answer.text_cut,
    )


@app.get(IMAGES)
def list_images(
    prefix: Annotated[str, Query(max_length=1024)] = "",
    cursor: Annotated[str, Query(max_length=2048)] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 48,
) -> ImagePage:
    """One page of the gallery, in key order."""
    images, following = gallery.page(prefix, cursor, limit)
    return ImagePage(images=[Image.of(image) for image in images], cursor=following or None)


# A key has slashes, which a path parameter of the resolver does not take.
@app.get(IMAGES + "/.+")
def get_image() -> Image:
    """One image: its metadata and state."""
    return Image.of(gallery.image(_key()))


@app.delete(IMAGES + "/.+")
def delete_image() -> None:
    """Delete an image; it leaves the index within seconds."""
    gallery.delete(_key())
    # The resolver takes a Response whatever the annotation says.
    return Response(status_code=HTTPStatus.NO_CONTENT.value)  # type: ignore[return-value]


@app.post("/api/uploads")
def create_upload(upload: UploadRequest) -> tuple[UploadForm, int]:
    """A presigned form for one image."""
    form = gallery.upload_form(upload.key, upload.content_type, replace=upload.replace)
    return UploadForm(**form), HTTPStatus.CREATED.value


@app.get("/api/health")
def health() -> Health:
    """That model and index work, and how the system is set up."""
    manifest = wiring.bundle().manifest
    return Health(
        status="ok",
        bundle=BundleInfo(
            id=manifest.id,
            name=manifest.name,
            dimension=manifest.dimension,
            notice=manifest.notice,
            self_test_cosine=round(text_encoder.self_test_cosine, 4),
        ),
        index={"count": wiring.vectors().count()},
        images_bucket=settings().images_bucket,
        writes=settings().writes,
    )


def _key() -> str:
    """The key in the path; an HTTP API hands the path over decoded, but for %25."""
    return app.current_event.path.removeprefix(f"{IMAGES}/").replace("%25", "%")


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP request."""
    answer = app.resolve(event, context)
    return answer | {"body": answer["body"] or ""}  # the emulator cannot send null
