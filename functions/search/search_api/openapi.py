"""This API as OpenAPI 3.1: what the routes say, and what they share."""

from __future__ import annotations

import json
from functools import cache
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
# Beside what can befall every request, which is the default answer.
_PROBLEMS: dict[str, tuple[int, ...]] = {
    "search": (404, 409, 422, 429, 503, 504),
    "search_terms": (404, 409, 413, 415, 422, 429, 503, 504),
    "list_images": (422, 429, 503, 504),
    "list_duplicates": (422, 429, 503, 504),
    "get_map": (422, 429, 503, 504),
    "get_image": (404, 422, 429, 503, 504),
    "delete_image": (404, 422, 503),
    "create_upload": (409, 415, 422),
    "get_health": (422, 429, 503, 504),
}
# The generator takes every success for a 200.
_SUCCESS = {"create_upload": "201", "delete_image": "204"}
# An upload's key is the image's, which is what can be searched with and deleted.
_LINKS: dict[tuple[str, str], Json] = {
    ("create_upload", "201"): {
        "image": {"operationId": "get_image", "parameters": {"key": "$request.body#/key"}},
        "similar": {"operationId": "search", "parameters": {"key": "$request.body#/key"}},
        "deletion": {"operationId": "delete_image", "parameters": {"key": "$request.body#/key"}},
    },
    ("get_image", "200"): {
        "similar": {"operationId": "search", "parameters": {"key": "$response.body#/key"}},
        "deletion": {"operationId": "delete_image", "parameters": {"key": "$response.body#/key"}},
    },
    ("search", "200"): {
        "best": {"operationId": "get_image", "parameters": {"key": "$response.body#/matches/0/key"}}
    },
}
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


@cache
def specification(app: APIGatewayHttpResolver) -> Json:
    """The document that GET /api/openapi.json answers."""
    document: Json = json.loads(app.get_openapi_json_schema(title=_TITLE, version="1"))
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for name in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(name, None)
    paths = {_readable(path): operations for path, operations in document["paths"].items()}
    document["paths"] = dict(sorted(paths.items()))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method, schemas)
            if "{key}" in path:
                operation["parameters"] = [_KEY]
    return document


def _readable(path: str) -> str:
    """The routes of keys are regular expressions."""
    return path.replace(".+", "{key}")


def _complete(operation: Json, method: str, schemas: Json) -> None:
    """What the generator does not know: details of parameters, problems, caching and links."""
    name, answers = operation["operationId"], operation["responses"]
    operation.setdefault("parameters", [])
    if name == "search":
        for parameter in operation["parameters"]:
            _detail(parameter, schemas["SearchParameters"]["properties"])
    answers.pop("422", None)
    answers[_SUCCESS.get(name, "200")] = answers.pop("200")
    if name == "delete_image":
        answers["204"] = {"description": "Deleted; it leaves the index within seconds"}
    if method == "get":
        answers["304"] = {"description": HTTPStatus.NOT_MODIFIED.phrase}
    for status in _PROBLEMS.get(name, ()):
        answers[str(status)] = _problem(HTTPStatus(status).phrase)
    answers["default"] = _problem("Throttled, or a fault")
    for (of, link_status), links in _LINKS.items():
        if of == name:
            answers[link_status]["links"] = links


def _detail(parameter: Json, properties: Json) -> None:
    """Bounds, lists and examples of a field; what is left out is null, which no address can say."""
    field = properties[parameter["name"]]
    first, *_ = field.pop("anyOf", [field])
    parameter["schema"] = first
    for example in field.pop("examples", []):
        parameter["example"] = example


def _problem(description: str) -> Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }
