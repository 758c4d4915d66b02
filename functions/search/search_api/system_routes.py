"""The routes about the system itself: its health and its documentation."""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response

from image_search.services import Services
from image_search.settings import Settings
from search_api import caching, openapi
from search_api.health import BundleInfo, Health, SignIn, Uploads
from search_api.openapi import documented
from search_api.routing import Resolver


def add_health(app: Resolver, services: Services) -> None:
    """Add the route of the health check."""
    settings = services.settings

    @app.serve(
        "GET",
        "/api/health",
        operation_id="get_health",
        summary="Check health",
        responses=documented(Health, 422, 429),
    )
    def health() -> Health:
        """Check that the model and the index work, and return the configuration."""
        return Health(
            status="ok",
            bundle=BundleInfo.of(
                services.bundle().manifest, services.text_encoder().self_test_cosine
            ),
            index={"count": services.vectors.count()},
            images_bucket=settings.images_bucket,
            images_prefix=settings.images_prefix,
            reads=settings.reads,
            writes=settings.writes,
            uploads=Uploads.of(heic=settings.decodes_heic),
            sign_in=_sign_in(settings),
        )


def _sign_in(settings: Settings) -> SignIn | None:
    if not settings.sign_in_client:
        return None
    return SignIn(
        client=settings.sign_in_client,
        issuer=settings.sign_in_issuer,
        url=settings.sign_in_url,
    )


def add_documentation(app: Resolver) -> None:
    """Add the routes of the specification and of the page that shows it."""
    headers = {"Cache-Control": caching.SPECIFICATION}

    @cache
    def specification() -> dict[str, Any]:
        return openapi.specification(app)

    @app.serve("GET", "/api/openapi.json", include_in_schema=False)
    def get_specification() -> Response[dict[str, Any]]:
        """Return this API as OpenAPI 3.1."""
        return Response(200, "application/json", specification(), headers)

    @app.serve("GET", "/api/docs", include_in_schema=False)
    def get_docs() -> Response[str]:
        """Return the page on which one reads and tries this API."""
        return Response(200, "text/html; charset=utf-8", openapi.DOCS, headers)
