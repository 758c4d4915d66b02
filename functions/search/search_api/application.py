"""The HTTP API as one application, which is built from the services."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from image_search import deadline
from image_search.services import Services
from search_api import caching, image_routes, search_routes, system_routes, trash_routes
from search_api.problems import register
from search_api.routing import Handler, Resolver, refused_body
from search_api.telemetry import logger, metrics
from search_api.urls import Urls

# The time that remains at a request's deadline, to build and to send a problem.
_RESPONSE_SECONDS = 2


def create_app(services: Services) -> Handler:
    """The handler of the search function: it parses a request, calls the core and responds."""
    app = _routes(services)

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Respond to one HTTP request; to HEAD as to GET, without the body (RFC 9110, 9.3.2)."""
        if event["requestContext"]["http"]["method"] == "HEAD":
            return answer(_as_get(event), context) | {"body": ""}
        return answer(event, context)

    def answer(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        with deadline.within(context.get_remaining_time_in_millis() / 1000 - _RESPONSE_SECONDS):
            found = refused_body(event) or app.resolve(event, context)
        # The emulator cannot send a body of null.
        return caching.conditional(event, found | {"body": found["body"] or ""})

    measured = metrics.log_metrics(handler, capture_cold_start_metric=True)
    logged: Handler = logger.inject_lambda_context(measured)
    return logged


def _as_get(event: dict[str, Any]) -> dict[str, Any]:
    context = event["requestContext"]
    http = context["http"] | {"method": "GET"}
    return event | {"requestContext": context | {"http": http}}


def _routes(services: Services) -> Resolver:
    urls = Urls(services.images, services.thumbnails, services.settings.signed_urls)
    app = Resolver()
    register(app)
    search_routes.add_search(app, services, urls)
    search_routes.add_duplicates(app, services, urls)
    search_routes.add_map(app, services, urls)
    image_routes.add_gallery(app, services, urls)
    image_routes.add_image(app, services, urls)
    image_routes.add_uploads(app, services)
    trash_routes.add_trash(app, services)
    system_routes.add_health(app, services)
    system_routes.add_documentation(app)
    return app
