"""What browsers and CloudFront may keep of an answer."""

from __future__ import annotations

from hashlib import blake2b
from http import HTTPStatus
from typing import Any

from image_search.settings import settings

# Seconds: enough for going back and forth on the page; a deleted image is found no longer.
_SEARCH = 10
# Seconds: a map changes little by little, and takes a while to draw.
_MAP = 60
# Changes with a deployment.
SPECIFICATION = "public, max-age=300"
# May be kept, but asked for each time: uploads appear at once.
_ASK_EACH_TIME = "no-cache"


def search() -> str:
    """How long matches may be kept, and by whom."""
    return _kept(_SEARCH)


def collection_map() -> str:
    """How long a map may be kept, and by whom."""
    return _kept(_MAP)


def _kept(seconds: int) -> str:
    whose = "public" if settings().reads == "open" else "private"
    return f"{whose}, max-age={seconds}"


def etag(content: str) -> str:
    """A weak tag (RFC 9110, 8.8.1): compression on the way changes bytes, not what they say."""
    return f'W/"{blake2b(content.encode(), digest_size=12).hexdigest()}"'


def conditional(event: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Tag a successful answer to GET, or say that the client has it already."""
    is_get = event["requestContext"]["http"]["method"] == "GET"
    if not is_get or answer["statusCode"] != HTTPStatus.OK:
        return answer | {"headers": {"Cache-Control": "no-store"} | answer["headers"]}
    headers = {"Cache-Control": _ASK_EACH_TIME} | answer["headers"]
    if "ETag" not in headers:
        headers["ETag"] = etag(answer["body"])
    if headers["ETag"] in event.get("headers", {}).get("if-none-match", ""):
        kept = {name: headers[name] for name in ("ETag", "Cache-Control")}
        return answer | {"statusCode": HTTPStatus.NOT_MODIFIED.value, "headers": kept, "body": ""}
    return answer | {"headers": headers}
