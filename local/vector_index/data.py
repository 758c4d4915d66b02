"""The data plane: maps every request to an operation on the records of an index."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import bodies, namespaces, records
from .edge import DATA_PREFIX, json_response, route
from .store import Index, Store

Run = Callable[[Store, Index, Any], dict[str, Any]]  # the last is a parsed body


def _read(method: str, path: str, shape: type[BaseModel], run: Run) -> Route:
    def work(request: Request, content: bytes) -> Response:
        body = _parsed(shape, request, content)
        store: Store = request.app.state.store
        return json_response(run(store, store.index(request.path_params["index"]), body))

    return route(method, f"{DATA_PREFIX}/{{index}}{path}", work)


def _change(method: str, path: str, shape: type[BaseModel], run: Run) -> Route:
    def locked(store: Store, index: Index, body: Any) -> dict[str, Any]:
        with store.lock:
            return run(store, store.index(index.definition.name), body)

    return _read(method, path, shape, locked)


def _parsed(shape: type[BaseModel], request: Request, content: bytes) -> BaseModel:
    if request.method == "POST":
        return shape.model_validate_json(content or b"{}", strict=True)
    query = request.query_params
    lists = {"ids": query.getlist("ids")} if "ids" in query else {}
    path = {name: value for name, value in request.path_params.items() if name != "index"}
    return shape.model_validate({**query, **lists, **path})


ROUTES = [
    _change("POST", "/vectors/upsert", bodies.Upsert, records.upsert),
    _read("POST", "/query", bodies.Query, records.query),
    _read("GET", "/vectors/fetch", bodies.Fetch, records.fetch),
    _read("POST", "/vectors/fetch_by_metadata", bodies.FetchByMetadata, records.fetch_by_metadata),
    _change("POST", "/vectors/update", bodies.Update, records.update),
    _change("POST", "/vectors/delete", bodies.Delete, records.delete),
    _read("GET", "/vectors/list", bodies.ListRecords, records.list_page),
    _read("POST", "/describe_index_stats", bodies.Stats, records.stats),
    _change("POST", "/namespaces", bodies.NewNamespace, namespaces.create),
    _read("GET", "/namespaces", bodies.ListNamespaces, namespaces.list_page),
    # a path, because the name of a namespace may contain slashes
    _read("GET", "/namespaces/{namespace:path}", bodies.Body, namespaces.describe),
    _change("DELETE", "/namespaces/{namespace:path}", bodies.Body, namespaces.delete),
]
