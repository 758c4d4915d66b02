"""The routes of the trash, which exist with the rights of deleting images."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator, ConfigDict, Field

from image_search.services import Services
from image_search.thumbnails import trashed_thumbnail_key
from image_search.trash import DeletedImage, Trash
from image_search.versions import Refusal
from search_api import fields
from search_api.listing import MAX_PAGE
from search_api.model import Model
from search_api.openapi import documented
from search_api.problems import SignInRequiredError
from search_api.routing import Resolver

# S3's own limit of a version id. https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
_MAX_VERSION_ID = 1024


def _listable(text: str) -> str:
    """A listing of versions is XML, which has no control characters."""
    if fields.has_controls(text) or set("\ufffe\uffff") & set(text):
        raise ValueError("control characters are not listed; leave them out")
    return text


class TrashedImage(Model):
    """An image that was deleted."""

    key: str
    version_id: str = Field(description="What to restore")
    deleted_at: int = Field(description="Epoch seconds")
    size: int = Field(description="Bytes")
    thumbnail_url: str | None = Field(
        None, description="WebP, 400 px, signed for an hour; null unless the image was indexed"
    )


class TrashPage(Model):
    """One page of the trash."""

    images: list[TrashedImage]
    cursor: str | None = Field(
        description="Cursor of the next page, even if images is empty; null at the end"
    )
    available: bool = Field(description="Whether the bucket keeps what is deleted from it")


class DeletedVersion(Model):
    """A version to restore."""

    model_config = ConfigDict(extra="forbid")

    key: fields.Key
    version_id: str = Field(min_length=1, max_length=_MAX_VERSION_ID, pattern=r"^[A-Za-z0-9._-]+$")


class RestoreRequest(Model):
    """Images to restore."""

    model_config = ConfigDict(extra="forbid")

    images: list[DeletedVersion] = Field(min_length=1, max_length=MAX_PAGE)


class Refused(Model):
    """An image that was not restored."""

    key: str
    reason: Refusal = Field(
        description="exists: an image has the key now; not-found: the version is gone; "
        "archived: the version is in an archive of S3"
    )


class Restored(Model):
    """What was restored, to be indexed within seconds, and what was not."""

    restored: list[str]
    refused: list[Refused]


def add_trash(app: Resolver, services: Services) -> None:
    """Add the routes, unless nobody may delete."""
    if services.settings.writes == "off":
        return
    trash, thumbnails = services.trash(), services.thumbnails

    def require_sign_in() -> None:
        """Check that API Gateway has checked a token.

        The gateway's route of the listing requires one. But some spellings of its path match only
        the route of all reads, which may be open.
        """
        authorizer = app.current_event["requestContext"].get("authorizer") or {}
        if services.settings.writes == "signed-in" and "jwt" not in authorizer:
            raise SignInRequiredError

    def shown(image: DeletedImage) -> TrashedImage:
        version = image.version
        name = trashed_thumbnail_key(version.key)
        return TrashedImage(
            key=version.key,
            version_id=version.version_id,
            deleted_at=image.deleted_at,
            size=version.size,
            thumbnail_url=thumbnails.signed_url(name) if image.has_thumbnail else None,
        )

    @app.serve(
        "GET",
        "/api/trash",
        operation_id="list_trash",
        summary="List the trash",
        responses=documented(TrashPage, 401, 422),
    )
    def list_trash(
        prefix: Annotated[fields.Prefix, AfterValidator(_listable)] = "",
        cursor: Annotated[fields.Cursor, AfterValidator(_listable)] = "",
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 48,
    ) -> TrashPage:
        """Return images deleted within 30 days, in key order."""
        require_sign_in()
        if not trash.is_available():
            return TrashPage(images=[], cursor=None, available=False)
        images, following = trash.page(prefix, cursor, limit)
        shown_images = [shown(image) for image in images]
        return TrashPage(images=shown_images, cursor=following or None, available=True)

    @app.serve(
        "POST",
        "/api/trash/restore",
        operation_id="restore_images",
        summary="Restore deleted images",
        responses=documented(Restored, 401, 415, 422, cached=False),
    )
    def restore_images(request: RestoreRequest) -> Restored:
        """Copy deleted versions back; one whose key is taken is refused."""
        require_sign_in()
        return _restored(trash, request)


def _restored(trash: Trash, request: RestoreRequest) -> Restored:
    refusals = trash.restore([(image.key, image.version_id) for image in request.images])
    outcomes = [(image.key, why) for image, why in zip(request.images, refusals, strict=True)]
    return Restored(
        restored=[key for key, why in outcomes if why is None],
        refused=[Refused(key=key, reason=why) for key, why in outcomes if why],
    )
