"""Every error as an RFC 9457 problem, in one place."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from image_search.errors import (
    ImageExistsError,
    ImageNotFoundError,
    QueryError,
    RejectedError,
    VectorIndexBusyError,
    VectorIndexError,
    VectorIndexTimeoutError,
)
from image_search.objects import CursorError, ObjectChangedError

logger = Logger(service="search")

_STATUS: dict[type[Exception], tuple[HTTPStatus, str]] = {
    ImageNotFoundError: (HTTPStatus.NOT_FOUND, "image-not-found"),
    ImageExistsError: (HTTPStatus.CONFLICT, "image-exists"),
    QueryError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request"),
    CursorError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-cursor"),
    ObjectChangedError: (HTTPStatus.CONFLICT, "image-changed"),
    RejectedError: (HTTPStatus.UNPROCESSABLE_ENTITY, "image-rejected"),
    VectorIndexBusyError: (HTTPStatus.TOO_MANY_REQUESTS, "index-busy"),
    VectorIndexTimeoutError: (HTTPStatus.GATEWAY_TIMEOUT, "index-timeout"),
    VectorIndexError: (HTTPStatus.BAD_GATEWAY, "index-unavailable"),
}
# Seconds after which a refused request is worth sending again.
_RETRY_AFTER = "2"


def problem(status: HTTPStatus, kind: str, detail: str, **more: Any) -> Response[str]:
    """One problem: `kind` is stable and ends its `type` address."""
    body = {
        "type": f"/problems/{kind}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **more,
    }
    retry = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.GATEWAY_TIMEOUT)
    return Response(
        status_code=status.value,
        content_type="application/problem+json",
        body=json.dumps(body),
        headers={"Retry-After": _RETRY_AFTER} if retry else {},
    )


def register(app: APIGatewayHttpResolver) -> None:
    """Translate the library's exceptions, invalid requests, unknown routes and faults."""
    app.exception_handler(list(_STATUS))(_known)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(Exception)(_fault)
    app.not_found(lambda _: problem(HTTPStatus.NOT_FOUND, "no-such-route", "see GET /api/health"))


def _known(error: Exception) -> Response[str]:
    kinds = (_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    status, kind = next(kinds)
    return problem(status, kind, str(error))


def _invalid(error: RequestValidationError) -> Response[str]:
    errors = [
        {"field": ".".join(map(str, item["loc"])), "detail": item["msg"]} for item in error.errors()
    ]
    detail = "; ".join(f"{item['field']}: {item['detail']}" for item in errors)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", detail, errors=errors)


def _fault(_error: Exception) -> Response[str]:
    """Say nothing of the inside to a stranger; the log has it."""
    logger.exception("unexpected error")
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "fault", "an unexpected error; the log has the request id"
    )
