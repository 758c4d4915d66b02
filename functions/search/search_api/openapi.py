"""The API as OpenAPI 3.1: what Powertools generates from the routes, completed."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from search_api.problems import Problem

Json = dict[str, Any]
_TITLE = "Serverless image search"
_KEY = {
    "name": "key",
    "in": "path",
    "required": True,
    "description": "With its slashes, percent-encoded like any path",
    "schema": {"type": "string", "minLength": 1, "maxLength": 1024},
    "example": "animals/cat-chelsea.jpg",
}
_PROBLEM_TYPE = "application/problem+json"
_PROBLEM_SCHEMA = {"schema": {"$ref": "#/components/schemas/Problem"}}
DOCS = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API of image search</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/vendor/swagger-ui/swagger-ui.min.css">
<main id="docs"></main>
<script src="/vendor/swagger-ui/swagger-ui-bundle.min.js"></script>
<script src="/docs.js" type="module"></script>
</html>
"""  # noqa: E501 (a policy is one line)


def documented(
    model: object,
    *problems: int,
    success: HTTPStatus = HTTPStatus.OK,
    description: str = "Successful Response",
    cached: bool = True,
    links: dict[str, str] | None = None,
    key: str = "",
) -> dict[int, Any]:
    """The `responses` of a route.

    `problems` are the statuses of its problems, beside those that every route may have. `links`
    are the operations that take the key of this response, at `key`, by name.
    """
    content = {"application/json": {"model": model}} if model else {}
    responses: dict[int, Any] = {success.value: {"description": description, "content": content}}
    if links:
        responses[success.value]["links"] = {
            name: {"operationId": operation, "parameters": {"key": key}}
            for name, operation in links.items()
        }
    if cached:
        # Powertools would document the returned model for a response without content.
        responses[304] = {"description": HTTPStatus.NOT_MODIFIED.phrase, "content": {}}
    return responses | {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {_PROBLEM_TYPE: {"model": Problem}},
        }
        for status in problems
    }


def specification(app: APIGatewayHttpResolver) -> Json:
    """The document that GET /api/openapi.json returns."""
    document: Json = json.loads(app.get_openapi_json_schema(title=_TITLE, version="1"))
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(name, None)
    # The rules of the routes for keys are regular expressions.
    paths = {path.replace(".+", "{key}"): item for path, item in document["paths"].items()}
    document["paths"] = dict(sorted(paths.items()))
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(operation, schemas)
            if "{key}" in path:
                operation["parameters"] = [_KEY]
    return document


def _complete(operation: Json, schemas: Json) -> None:
    """Add the details of parameters, and the default response, which has no number."""
    operation.setdefault("parameters", [])
    if operation["operationId"] == "search":
        for parameter in operation["parameters"]:
            _detail(parameter, schemas["SearchParameters"]["properties"])
    operation["responses"]["default"] = {
        "description": "Throttled, or a fault",
        "content": {_PROBLEM_TYPE: _PROBLEM_SCHEMA},
    }


def _detail(parameter: Json, properties: Json) -> None:
    """Copy the schema and example of a field, without null, which a query string cannot carry."""
    field = properties[parameter["name"]]
    first, *_ = field.pop("anyOf", [field])
    parameter["schema"] = first
    for example in field.pop("examples", []):
        parameter["example"] = example
