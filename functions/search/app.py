"""The search function: HTTP routes that parse, call the core and answer."""

from __future__ import annotations

from image_search import downloads

# They come while the rest is imported.
downloads.fetch("model.json", "tokenizer.json", "text.onnx")

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AfterValidator

from image_search import query as library
from image_search import services
from image_search.s3 import MAX_KEY_BYTES
from image_search.scores import range_of
from image_search.settings import settings
from search_api import caching, openapi, requests
from search_api.problems import register
from search_api.responses import (
    BundleInfo,
    CollectionMap,
    DuplicatesPage,
    Health,
    Image,
    ImagePage,
    SearchAnswer,
    SignIn,
    UploadForm,
    UploadRequest,
)
from search_api.routing import Resolver
from search_api.telemetry import count_stages, logger, metrics

# One page costs one request to S3 and one to the index, which fetches 100 records at a time.
MAX_PAGE = 100
IMAGES = "/api/images"
Prefix = Annotated[
    str,
    Query(max_length=MAX_KEY_BYTES, description="Only keys that begin with this"),
    AfterValidator(requests.key_sized),
]
Cursor = Annotated[
    str,
    Query(max_length=MAX_KEY_BYTES, description="From the page before"),
    AfterValidator(requests.key_sized),
]

app = Resolver()
register(app)
# Loaded before the first request, and before a SnapStart snapshot is taken.
searcher, gallery, duplicate_finder = (
    services.searcher(),
    services.gallery(),
    services.duplicate_finder(),
)
text_encoder, mapper = services.text_encoder(), services.mapper()


@app.get("/api/search", operation_id="search", summary="Search by words or stored images")
def search(
    parameters: Annotated[requests.SearchParameters, Query()],
) -> Response[SearchAnswer]:
    """The images nearest to the sum of the terms."""
    query = parameters.query(parameters.terms(), parameters, settings().bundle)
    return _answer(query, kept=True)


@app.post("/api/search", operation_id="search_terms", summary="Search by terms with weights")
def search_terms(request: requests.SearchRequest) -> Response[SearchAnswer]:
    """The images nearest to the normalised weighted sum of the terms."""
    terms = tuple(term.term() for term in request.terms)
    return _answer(request.query(terms, request.filter, settings().bundle), kept=False)


def _answer(query: library.Query, *, kept: bool) -> Response[SearchAnswer]:
    found = searcher.search(query)
    count_stages(found.timings_ms)
    bundle = settings().bundle
    measured = range_of(query.terms, services.bundle().manifest.scores)
    cursor = requests.cursor_of(found.position, query, bundle)
    answer = SearchAnswer.of(found, bundle, cursor, measured)
    timings = ", ".join(f"{stage};dur={ms}" for stage, ms in found.timings_ms.items())
    headers = {"Server-Timing": timings}
    if kept:
        tag = caching.etag(answer.model_dump_json(exclude={"timings_ms"}))
        headers |= {"ETag": tag, "Cache-Control": caching.search()}
    return Response(
        HTTPStatus.OK.value, content_type="application/json", body=answer, headers=headers
    )


@app.get("/api/duplicates", operation_id="list_duplicates", summary="Find duplicates")
def list_duplicates(prefix: Prefix = "", cursor: Cursor = "") -> DuplicatesPage:
    """Images that are the same picture, among the next 50 of the bucket."""
    groups, following = duplicate_finder.page(prefix, cursor)
    return DuplicatesPage(
        groups=[[Image.of_metadata(image) for image in group.values()] for group in groups],
        threshold=duplicate_finder.threshold,
        cursor=following or None,
    )


@app.get(IMAGES, operation_id="list_images", summary="List the gallery")
def list_images(
    prefix: Prefix = "",
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 48,
    folders: Annotated[
        bool, Query(description="Only images right in the prefix, a folder, and its folders")
    ] = False,
) -> ImagePage:
    """One page of the gallery, in key order."""
    if folders:
        images, inside, following = gallery.folder_page(prefix, cursor, limit)
    else:
        inside = []
        images, following = gallery.page(prefix, cursor, limit)
    return ImagePage(
        images=[Image.of(image) for image in images], folders=inside, cursor=following or None
    )


# A key has slashes, which a path parameter of the resolver does not take.
@app.get(IMAGES + "/.+", operation_id="get_image", summary="Get an image")
def get_image() -> Image:
    """One image: its metadata and state."""
    return Image.of(gallery.image(_key()))


@app.delete(IMAGES + "/.+", operation_id="delete_image", summary="Delete an image")
def delete_image() -> None:
    """Delete an image; it leaves the index within seconds."""
    gallery.delete(_key())
    # The resolver takes a Response whatever the annotation says.
    return Response(status_code=HTTPStatus.NO_CONTENT.value)  # type: ignore[return-value]


@app.get("/api/map", operation_id="get_map", summary="Get a map of the collection")
def get_map(prefix: Prefix = "") -> Response[CollectionMap]:
    """Up to 2,000 images, a fair sample where there are more, alike ones near each other.

    A prefix leaves the other images out and the places as they are.
    """
    answer = CollectionMap.of(mapper.map().within(prefix), settings().bundle)
    headers = {"Cache-Control": caching.collection_map()}
    return Response(HTTPStatus.OK.value, "application/json", answer, headers)


@app.post("/api/uploads", operation_id="create_upload", summary="Prepare an upload")
def create_upload(upload: UploadRequest) -> tuple[UploadForm, int]:
    """A presigned form for one image."""
    form = gallery.upload_form(upload.key, upload.content_type, replace=upload.replace)
    return UploadForm(**form), HTTPStatus.CREATED.value


@app.get("/api/health", operation_id="get_health", summary="Check health")
def health() -> Health:
    """That model and index work, and how the system is set up."""
    return Health(
        status="ok",
        bundle=BundleInfo.of(services.bundle().manifest, text_encoder.self_test_cosine),
        index={"count": services.vectors().count()},
        images_bucket=settings().images_bucket,
        reads=settings().reads,
        writes=settings().writes,
        sign_in=_sign_in(),
    )


def _sign_in() -> SignIn | None:
    if not settings().sign_in_client:
        return None
    return SignIn(
        client=settings().sign_in_client,
        issuer=settings().sign_in_issuer,
        address=settings().sign_in_address,
    )


@app.get("/api/openapi.json", include_in_schema=False)
def get_specification() -> Response[dict[str, Any]]:
    """This API, as OpenAPI 3.1."""
    headers = {"Cache-Control": caching.SPECIFICATION}
    return Response(200, "application/json", openapi.specification(app), headers)


@app.get("/api/docs", include_in_schema=False)
def get_docs() -> Response[str]:
    """This API, to read and try."""
    headers = {"Cache-Control": caching.SPECIFICATION}
    return Response(200, "text/html; charset=utf-8", openapi.DOCS, headers)


def _key() -> str:
    """The key in the path; an HTTP API hands the path over decoded, but for %25."""
    return app.current_event.path.removeprefix(f"{IMAGES}/").replace("%25", "%")


@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP request."""
    answer = app.resolve(event, context)
    # The emulator cannot send a body of null.
    return caching.conditional(event, answer | {"body": answer["body"] or ""})
