"""The HTTP edge: API key, size of the body, threads, and the format of errors."""

from collections.abc import Callable

import orjson
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .errors import InvalidError, NotFoundError, RefusedError, TooLargeError, UnauthenticatedError
from .limits import MAX_REQUEST_BYTES

DATA_PREFIX = "/data"  # precedes the name of the index in the paths of the data plane


def route(method: str, path: str, work: Callable[[Request, bytes], Response]) -> Route:
    """A route whose work gets the body and runs in a thread, because it may block."""

    async def endpoint(request: Request) -> Response:
        if not request.headers.get("api-key"):
            raise UnauthenticatedError("No API key: send one in the Api-Key header")
        return await run_in_threadpool(work, request, await _body(request))

    return Route(path, endpoint, methods=[method])


def json_response(content: object, status: int = 200) -> Response:
    """Content as JSON; float32 arrays with the shortest digits that read back the same."""
    payload = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(payload, status, media_type="application/json")


def error_response(request: Request, error: Exception) -> Response:
    """Respond to an error of HANDLED in the format of the plane that was called."""
    refused = _as_refused(request, error)
    if request.url.path.startswith(DATA_PREFIX):
        body = {"code": refused.code, "message": refused.message, "details": []}
    else:
        detail = {"code": refused.reason, "message": refused.message}
        body = {"error": detail, "status": refused.status}
    return json_response(body, refused.status)


HANDLED = (RefusedError, ValidationError, HTTPException)


def _as_refused(request: Request, error: Exception) -> RefusedError:
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, ValidationError):
        return InvalidError(_first_message(error))
    return NotFoundError(f"{request.method} {request.url.path} is not served by this index")


def _first_message(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"Unknown field {place!r}: this index does not store it"
    message: str = first["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place and first["type"] != "value_error" else message


async def _body(request: Request) -> bytes:
    size, chunks = 0, []
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MAX_REQUEST_BYTES:
            chunks.append(chunk)
    # not before the end: a client that is still sending does not read the refusal
    if size > MAX_REQUEST_BYTES:
        raise TooLargeError(
            f"Error, message length too large: found {size} bytes, "
            f"the limit is: {MAX_REQUEST_BYTES} bytes"
        )
    return b"".join(chunks)
