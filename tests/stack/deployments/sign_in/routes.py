"""The routes that require a token, and requests to several of them."""

from __future__ import annotations

from collections.abc import Sequence

import boto3

from tests.stack.raw import INSIDE, Raw

# Every route but the one that explains how to sign in.
ROUTES = [
    "GET /api/images",
    "GET /api/image?key=kept.jpg",
    "GET /api/search",
    "HEAD /api/search",
    "GET /api/map",
    "GET /api/duplicates",
    "GET /api/openapi.json",
    "POST /api/search",
    "POST /api/uploads",
    "DELETE /api/image?key=kept.jpg",
    "GET /api/trash",
    "POST /api/trash/restore",
]

# One authorizer stands before every route (tests/unit/test_template.py), so that two tell a token.
_ASKED = ("GET /api/image?key=kept.jpg", "DELETE /api/image?key=kept.jpg")


def statuses(raw: Raw, *headers: str, query: str = "", routes: Sequence[str] = _ASKED) -> set[int]:
    """What routes answer; nothing of the inside is revealed, and nothing is deleted."""
    lines = [header.encode("latin-1") for header in (*headers, "Content-Length: 0")]
    answers = [raw.write(route + query, *lines) for route in routes]
    assert not [answer.body for answer in answers if INSIDE.search(answer.body)]
    boto3.client("s3").head_object(Bucket=raw.local.images_bucket, Key="kept.jpg")
    return {answer.status for answer in answers}


def bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"
