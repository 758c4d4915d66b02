"""Translates every error into an RFC 9457 problem."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import Field

from image_search.errors import (
    CursorError,
    DeadlineError,
    ImageExistsError,
    ImageNotFoundError,
    ObjectChangedError,
    QueryError,
    RejectedError,
    TooManyQueryPixelsError,
    VectorIndexBusyError,
    VectorIndexError,
    VectorIndexTimeoutError,
)
from image_search.s3_connection import is_timeout, is_unavailable
from search_api.fields import InlineTooLargeError
from search_api.model import Model
from search_api.telemetry import count_index_error, logger


class SignInRequiredError(Exception):
    """The request needs a token of somebody who signed in."""

    def __init__(self) -> None:
        """State the remedy."""
        super().__init__("sign in, and send the access token as a bearer token")


_STATUS: dict[type[Exception], tuple[HTTPStatus, str]] = {
    ImageNotFoundError: (HTTPStatus.NOT_FOUND, "image-not-found"),
    ImageExistsError: (HTTPStatus.CONFLICT, "image-exists"),
    QueryError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request"),
    CursorError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-cursor"),
    ObjectChangedError: (HTTPStatus.CONFLICT, "image-changed"),
    RejectedError: (HTTPStatus.UNPROCESSABLE_ENTITY, "image-rejected"),
    VectorIndexBusyError: (HTTPStatus.TOO_MANY_REQUESTS, "index-busy"),
    VectorIndexTimeoutError: (HTTPStatus.GATEWAY_TIMEOUT, "index-timeout"),
    VectorIndexError: (HTTPStatus.SERVICE_UNAVAILABLE, "index-unavailable"),
    DeadlineError: (HTTPStatus.GATEWAY_TIMEOUT, "deadline-exceeded"),
    TooManyQueryPixelsError: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-many-pixels"),
    SignInRequiredError: (HTTPStatus.UNAUTHORIZED, "sign-in-required"),
    InlineTooLargeError: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "image-too-large"),
}
# Seconds after which a client may send a refused request again.
_RETRY_AFTER = "2"
_RETRIED = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
# Reported characters of an invalid value, and reported fields: a response has at most 6 MB.
_MOST_ECHOED = 100
_MOST_ERRORS = 20
# The messages of the index and of S3 contain URLs, which a problem must not show.
_STORAGE_UNAVAILABLE = "the storage of the images does not respond; try again soon"
_INDEX_UNAVAILABLE = "the vector index does not respond; try again soon"


class FieldError(Model):
    """The error of one field."""

    field: str = Field(description="Path with dots: terms.0.crop")
    detail: str
    got: str
    allowed: dict[str, str]


class Problem(Model):
    """RFC 9457, application/problem+json."""

    type: str = Field(description="Stable identifier of the kind of problem")
    title: str
    status: int
    detail: str = Field(description="Cause and remedy, for people")
    errors: list[FieldError] = Field([], description="Errors of an invalid request")


def problem(status: HTTPStatus, kind: str, detail: str, **more: Any) -> Response[str]:
    """Build one problem; `kind` is stable and is the end of its `type` URL."""
    body = {
        "type": f"/problems/{kind}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **more,
    }
    return Response(
        status_code=status.value,
        content_type="application/problem+json",
        body=json.dumps(body),
        headers={"Retry-After": _RETRY_AFTER} if status in _RETRIED else {},
    )


def register(app: APIGatewayHttpResolver) -> None:
    """Translate the library's exceptions, invalid requests, unknown routes and faults."""
    app.exception_handler(list(_STATUS))(_known)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(RecursionError)(_too_deep)
    app.exception_handler(Exception)(_fault)
    app.not_found(lambda _: problem(HTTPStatus.NOT_FOUND, "no-such-route", "see GET /api/health"))


def _known(error: Exception) -> Response[str]:
    detail = str(error)
    if isinstance(error, VectorIndexError):
        count_index_error(error)
        detail = _INDEX_UNAVAILABLE
    kinds = (_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    status, kind = next(kinds)
    return problem(status, kind, detail)


def _invalid(error: RequestValidationError) -> Response[str]:
    errors = [_field_error(item) for item in error.errors()[:_MOST_ERRORS]]
    detail = "; ".join(f"{item.field}: {item.detail}" for item in errors)
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        detail,
        errors=[item.model_dump() for item in errors],
    )


def _field_error(item: dict[str, Any]) -> FieldError:
    """Convert a validation error; the first part of its location is only body or query."""
    location = [str(part) for part in item["loc"][1:] if part != "parameters"]
    context = item.get("ctx", {})
    return FieldError(
        field=".".join(location)[:_MOST_ECHOED],
        detail=item["msg"].removeprefix("Value error, "),
        got=repr(item.get("input"))[:_MOST_ECHOED],
        allowed={name: str(value) for name, value in context.items() if name != "error"},
    )


def _too_deep(_error: RecursionError) -> Response[str]:
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", "the body is nested too deeply"
    )


def _fault(error: Exception) -> Response[str]:
    """Log the fault and hide its details from the client."""
    if is_unavailable(error):
        logger.warning("the storage did not respond", error=repr(error))
        if is_timeout(error):
            return problem(HTTPStatus.GATEWAY_TIMEOUT, "storage-timeout", _STORAGE_UNAVAILABLE)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "storage-unavailable", _STORAGE_UNAVAILABLE)
    logger.exception("unexpected error")
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "fault", "an unexpected error; the log has the request id"
    )
