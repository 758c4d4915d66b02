"""How long browsers and CloudFront may cache a response."""

from __future__ import annotations

from hashlib import blake2b
from http import HTTPStatus
from typing import Any, Literal

# Seconds: enough for going back and forth on the page, while deleted images disappear soon.
SEARCH = 10
# Seconds: a map takes long to compute and changes little with each upload.
MAP = 60
# The specification changes only with a deployment.
SPECIFICATION = "public, max-age=300"
# Responses may be stored but must be revalidated, so that uploads appear at once.
_REVALIDATE = "no-cache"


def for_readers(reads: Literal["open", "signed-in"], seconds: int) -> str:
    """The Cache-Control header: only open images may be kept in a shared cache."""
    scope = "public" if reads == "open" else "private"
    return f"{scope}, max-age={seconds}"


def etag(content: str) -> str:
    """A weak entity tag (RFC 9110, 8.8.1), because compression may change the bytes."""
    return f'W/"{blake2b(content.encode(), digest_size=12).hexdigest()}"'


def conditional(event: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Tag a successful response to GET, or replace it by 304 if the client has it already."""
    is_get = event["requestContext"]["http"]["method"] == "GET"
    if not is_get or answer["statusCode"] != HTTPStatus.OK:
        return answer | {"headers": {"Cache-Control": "no-store"} | answer["headers"]}
    headers = {"Cache-Control": _REVALIDATE} | answer["headers"]
    if "ETag" not in headers:
        headers["ETag"] = etag(answer["body"])
    if headers["ETag"] in event.get("headers", {}).get("if-none-match", ""):
        kept = {name: headers[name] for name in ("ETag", "Cache-Control")}
        return answer | {"statusCode": HTTPStatus.NOT_MODIFIED.value, "headers": kept, "body": ""}
    return answer | {"headers": headers}
