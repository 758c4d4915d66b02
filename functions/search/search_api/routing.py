"""How requests reach the routes: bodies in JSON, and no parameters that nobody reads."""

from __future__ import annotations

from typing import Any, get_origin
from urllib.parse import parse_qs

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import (
    OpenAPIRequestValidationMiddleware,
)
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestUnsupportedContentType
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic.fields import FieldInfo

from image_search.errors import QueryError

_JSON = "application/json"


class HttpEvent(APIGatewayProxyEventV2):
    """An HTTP API's event."""

    @property
    def resolved_query_string_parameters(self) -> dict[str, list[str]]:
        """All values of each parameter; an HTTP API's own fields split them at commas."""
        return parse_qs(self.raw_query_string, keep_blank_values=True)


class Resolver(APIGatewayHttpResolver):
    """Routes that validate what they are sent."""

    def __init__(self) -> None:
        """Refuse what nobody reads: a filter that is misspelt must not find everything."""
        super().__init__(enable_validation=True)
        self._request_validation_middleware = _JsonBodies()  # type: ignore[no-untyped-call]
        self.use([_no_stray_parameters])

    def _to_proxy_event(self, event: dict[str, Any]) -> HttpEvent:
        return HttpEvent(event)


class _JsonBodies(OpenAPIRequestValidationMiddleware):
    """Takes JSON alone: a form can be sent by any page without asking."""

    def _get_body(self, app: Any) -> Any:
        content_type = app.current_event.headers.get("content-type", _JSON)
        if content_type.partition(";")[0].strip().lower() != _JSON:
            raise RequestUnsupportedContentType(content_type, errors=[])
        try:
            return app.current_event.json_body
        except ValueError:  # a number of thousands of digits is one, too
            raise QueryError("the body is not JSON") from None


def _no_stray_parameters(app: Resolver, following: NextMiddleware) -> Response[Any]:
    known = _parameters(app.context["_route"])
    sent = app.current_event.resolved_query_string_parameters
    unknown = sorted(sent.keys() - known)
    if unknown:
        allowed = ", ".join(sorted(known)) or "none"
        raise QueryError(f"unknown parameter {', '.join(unknown)}; known are: {allowed}")
    for name, values in sent.items():
        if len(values) > 1 and get_origin(known[name].annotation) is not list:
            raise QueryError(f"{name} is given {len(values)} times, once is allowed")
    return following(app)


def _parameters(route: Any) -> dict[str, FieldInfo]:
    """What a route reads, by name; a model's fields are parameters of their own."""
    found: dict[str, FieldInfo] = {}
    for parameter in route.dependant.query_params:
        field = parameter.field_info
        found |= getattr(field.annotation, "model_fields", {parameter.alias: field})
    return found
