"""The routes of the gallery: listing, reading, uploading and deleting images."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator

from image_search.s3_keys import MAX_KEY_BYTES
from image_search.services import Services
from search_api import fields
from search_api.listing import ListParameters
from search_api.openapi import documented
from search_api.responses import Image, ImagePage
from search_api.routing import Resolver
from search_api.uploads import SignedUpload, UploadRequest
from search_api.urls import Urls

IMAGES = "/api/images"
# Not in the path, which an HTTP API decodes: of photo.jpg%3Fw=100 only photo.jpg would be left.
IMAGE = "/api/image"
Key = Annotated[
    str,
    Query(min_length=1, max_length=MAX_KEY_BYTES, description="`animals/cat-chelsea.jpg`"),
    AfterValidator(fields.key_sized),
]


def add_gallery(app: Resolver, services: Services, urls: Urls) -> None:
    """Add the route that lists images."""
    gallery, newest = services.gallery(), services.newest_first()

    @app.serve(
        "GET",
        IMAGES,
        operation_id="list_images",
        summary="List the gallery",
        responses=documented(ImagePage, 422, 429),
    )
    def list_images(parameters: Annotated[ListParameters, Query()]) -> ImagePage:
        """Return one page in key order, or the newest first."""
        prefix, cursor, limit = parameters.prefix, parameters.cursor, parameters.limit
        if parameters.asks_index:
            found, following = newest.page(cursor, limit, parameters.wanted())
            images_found = [Image.of_metadata(image, urls) for image in found]
            return ImagePage(images=images_found, cursor=following or None)
        inside: list[str] = []
        if parameters.state:
            images, following = gallery.rejected_page(prefix, parameters.reason, cursor, limit)
        elif parameters.folders:
            images, inside, following = gallery.folder_page(prefix, cursor, limit)
        else:
            images, following = gallery.page(prefix, cursor, limit)
        return ImagePage(
            images=[Image.of(image, urls) for image in images],
            folders=inside,
            cursor=following or None,
        )


def add_image(app: Resolver, services: Services, urls: Urls) -> None:
    """Add the routes of one image."""
    gallery = services.gallery()

    @app.serve(
        "GET",
        IMAGE,
        operation_id="get_image",
        summary="Get an image",
        responses=documented(
            Image,
            *(404, 422, 429),
            links={"similar": "search", "deletion": "delete_image"},
            key="$response.body#/key",
        ),
    )
    def get_image(key: Key) -> Image:
        """Return the metadata and the state of one image."""
        return Image.of(gallery.image(key), urls)

    @app.serve(
        "DELETE",
        IMAGE,
        operation_id="delete_image",
        summary="Delete an image",
        responses=documented(
            None,
            *(404, 422),
            success=HTTPStatus.NO_CONTENT,
            description="Deleted; it leaves the index within seconds",
            cached=False,
        ),
    )
    def delete_image(key: Key) -> None:
        """Delete an image; its event deletes the record and the thumbnail."""
        gallery.delete(key)
        # Powertools accepts a Response whatever the annotation is.
        return Response(status_code=HTTPStatus.NO_CONTENT.value)  # type: ignore[return-value]


def add_uploads(app: Resolver, services: Services) -> None:
    """Add the route that prepares uploads."""
    gallery = services.gallery()

    @app.serve(
        "POST",
        "/api/uploads",
        operation_id="create_upload",
        summary="Prepare an upload",
        status_code=HTTPStatus.CREATED.value,
        responses=documented(
            SignedUpload,
            *(409, 415, 422),
            success=HTTPStatus.CREATED,
            cached=False,
            links={"image": "get_image", "similar": "search", "deletion": "delete_image"},
            key="$request.body#/key",
        ),
    )
    def create_upload(upload: UploadRequest) -> SignedUpload:
        """Sign the upload of one image."""
        url, headers = gallery.signed_upload(**upload.model_dump())
        return SignedUpload(url=url, headers=headers)
