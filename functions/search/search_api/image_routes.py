"""The routes of the gallery: listing, reading, uploading and deleting images."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator

from image_search.errors import QueryError
from image_search.filters import MAX_FOLDERS, Filter
from image_search.names import name_parts
from image_search.s3_keys import MAX_KEY_BYTES
from image_search.services import Services
from search_api import fields
from search_api.openapi import documented
from search_api.responses import Image, ImagePage
from search_api.routing import Resolver
from search_api.uploads import SignedUpload, UploadRequest
from search_api.urls import Urls

# A page costs one request to S3 and one to the index, which fetches 100 records at a time.
MAX_PAGE = 100
IMAGES = "/api/images"
# Not in the path, which an HTTP API decodes: of photo.jpg%3Fw=100 only photo.jpg would be left.
IMAGE = "/api/image"
Prefix = Annotated[
    str,
    Query(max_length=MAX_KEY_BYTES, description="Only keys that begin with this"),
    AfterValidator(fields.key_sized),
]
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
    def list_images(
        prefix: Prefix = "",
        cursor: fields.Cursor = "",
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 48,
        folders: Annotated[
            bool, Query(description="Only images and folders directly in the prefix, a folder")
        ] = False,
        state: Annotated[
            Literal["rejected"] | None,
            Query(description="Only rejected images, in no order; a page may be empty"),
        ] = None,
        reason: Annotated[str, Query(max_length=100, description="Of the rejection")] = "",
        sort: Annotated[
            Literal["key", "newest"], Query(description="newest: indexed images only")
        ] = "key",
        name: Annotated[
            str,
            Query(
                max_length=255,
                description="Whole parts of a file name, such as `IMG_2041` or `2041`; "
                "indexed images only, the newest first",
            ),
        ] = "",
    ) -> ImagePage:
        """Return one page in key order, or the newest first."""
        if sort == "newest" or name:
            found, following = newest.page(cursor, limit, _wanted(prefix, name, folders=folders))
            images_found = [Image.of_metadata(image, urls) for image in found]
            return ImagePage(images=images_found, cursor=following or None)
        inside: list[str] = []
        if (reason and not state) or (folders and state):
            raise QueryError("reason needs state=rejected, which goes with no folders=true")
        if state:
            images, following = gallery.rejected_page(prefix, reason, cursor, limit)
        elif folders:
            images, inside, following = gallery.folder_page(prefix, cursor, limit)
        else:
            images, following = gallery.page(prefix, cursor, limit)
        return ImagePage(
            images=[Image.of(image, urls) for image in images],
            folders=inside,
            cursor=following or None,
        )


def _wanted(prefix: str, name: str, *, folders: bool) -> Filter:
    """The filter of a listing by time.

    Raises:
        QueryError: the index cannot answer it.
    """
    if folders:
        raise QueryError("folders are listed in key order only; leave out sort and name")
    if prefix and (not prefix.endswith("/") or prefix.count("/") > MAX_FOLDERS):
        raise QueryError(
            "with sort=newest or name, prefix is a folder with its slash, of at most "
            f"{MAX_FOLDERS} levels"
        )
    if name and not name_parts(name):
        raise QueryError("name has neither letters nor digits")
    return Filter(folder=prefix, name=name)


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
