"""The control plane: creates, describes, configures and deletes indexes.

The API version that the client names decides the form in which an index is described.
"""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .definition import FIRST_SCHEMA_VERSION, Configuration, Definition, parse_definition
from .edge import DATA_PREFIX, json_response, route
from .store import Store


def _operation(method: str, path: str, run: Callable[[Store, Request, bytes], Response]) -> Route:
    def work(request: Request, content: bytes) -> Response:
        store: Store = request.app.state.store
        with store.lock:
            return run(store, request, content)

    return route(method, path, work)


def _create(store: Store, request: Request, content: bytes) -> Response:
    definition = parse_definition(content, _version(request))
    store.create(definition)
    return json_response(_described(request, definition), status=201)


def _list(store: Store, request: Request, content: bytes) -> Response:
    described = [_described(request, index.definition) for index in store.indexes.values()]
    return json_response({"indexes": described})


def _describe(store: Store, request: Request, content: bytes) -> Response:
    return json_response(_described(request, _named(store, request)))


def _configure(store: Store, request: Request, content: bytes) -> Response:
    changes = Configuration.model_validate_json(content, strict=True)
    definition = changes.applied_to(_named(store, request))
    store.configure(definition)
    return json_response(_described(request, definition))


def _delete(store: Store, request: Request, content: bytes) -> Response:
    definition = _named(store, request)
    definition.require_deletable()
    store.delete(definition.name)
    return Response(status_code=202)


def _named(store: Store, request: Request) -> Definition:
    return store.index(request.path_params["index"]).definition


def _described(request: Request, definition: Definition) -> dict[str, Any]:
    # the host that the client used, which is right for every port
    base = str(request.base_url).rstrip("/")
    return definition.described(f"{base}{DATA_PREFIX}/{definition.name}", _version(request))


def _version(request: Request) -> str:
    return request.headers.get("x-pinecone-api-version", FIRST_SCHEMA_VERSION)


ROUTES = [
    _operation("POST", "/indexes", _create),
    _operation("GET", "/indexes", _list),
    _operation("GET", "/indexes/{index}", _describe),
    _operation("PATCH", "/indexes/{index}", _configure),
    _operation("DELETE", "/indexes/{index}", _delete),
]
