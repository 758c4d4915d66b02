"""Registers routes, which accept JSON bodies and refuse parameters that they do not read."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from inspect import signature
from typing import Any, get_args, get_origin
from urllib.parse import parse_qs

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from image_search.errors import QueryError
from search_api.problems import problem

_JSON = "application/json"
Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


class HttpEvent(APIGatewayProxyEventV2):
    """The event of an HTTP API."""

    @property
    def resolved_query_string_parameters(self) -> dict[str, list[str]]:
        """All values of each parameter. Powertools splits them at commas, which texts contain."""
        return parse_qs(self.raw_query_string, keep_blank_values=True)

    @property
    def json_body(self) -> Any:
        """The body.

        Raises:
            QueryError: the body is not JSON.
        """
        try:
            return super().json_body
        except ValueError:  # such as a number of thousands of digits
            raise QueryError("the body is not JSON") from None


class Resolver(APIGatewayHttpResolver):
    """Routes that validate their requests and refuse unknown parameters."""

    def __init__(self) -> None:
        """Enable the validation of requests and responses."""
        super().__init__(enable_validation=True)

    def serve(self, method: str, rule: str, **options: Any) -> Callable[[Any], Any]:
        """Register a route that refuses unknown parameters.

        Without this, a search with a misspelt filter would find every image.
        """

        def register(function: Callable[..., Any]) -> Callable[..., Any]:
            middlewares = [_refusing_unknown(_parameters(function))]
            decorate = self.route(rule, method, middlewares=middlewares, **options)
            return decorate(function)

        return register

    # Powertools has no public way to choose the class of its event. This method is that of
    # version 3.37.0, which layers/dependencies/requirements.txt pins.
    def _to_proxy_event(self, event: dict[str, Any]) -> HttpEvent:
        # Powertools compares the content type, which `refused_body` has checked, case-sensitively.
        headers = event.get("headers", {}) | {"content-type": _JSON}
        return HttpEvent({**event, "headers": headers})


def refused_body(event: dict[str, Any]) -> dict[str, Any] | None:
    """A problem if the body is not JSON: without a preflight, any page may send a form."""
    content_type = event.get("headers", {}).get("content-type", _JSON)
    is_json = content_type.partition(";")[0].strip().lower() == _JSON
    if is_json or event["requestContext"]["http"]["method"] != "POST":
        return None
    refusal = problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported-content-type", f"send {_JSON}"
    )
    return {
        "statusCode": refusal.status_code,
        "headers": refusal.headers,
        "body": refusal.body,
        "isBase64Encoded": False,
    }


def _refusing_unknown(known: dict[str, bool]) -> Callable[..., Response[Any]]:
    """A middleware that refuses parameters which a route does not read."""

    def refuse(app: APIGatewayHttpResolver, following: NextMiddleware) -> Response[Any]:
        sent = app.current_event.resolved_query_string_parameters
        unknown = sorted(sent.keys() - known)
        if unknown:
            allowed = ", ".join(sorted(known)) or "none"
            raise QueryError(f"unknown parameter {', '.join(unknown)}; known are: {allowed}")
        for name, values in sent.items():
            if len(values) > 1 and not known[name]:
                raise QueryError(f"{name} is given {len(values)} times, once is allowed")
        return following(app)

    return refuse


def _parameters(function: Callable[..., Any]) -> dict[str, bool]:
    """The query parameters of a route's function: whether each may be repeated, by name."""
    found: dict[str, bool] = {}
    for name, parameter in signature(function, eval_str=True).parameters.items():
        annotation, *metadata = get_args(parameter.annotation) or (parameter.annotation,)
        if not any(isinstance(item, Query) for item in metadata):
            continue
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields.items()
            found |= {field: get_origin(info.annotation) is list for field, info in fields}
        else:
            found[name] = get_origin(annotation) is list
    return found
