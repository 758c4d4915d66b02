"""The data plane: which request is which operation on the records of an index."""

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


def _operation(method: str, path: str, shape: type[BaseModel], run: Run) -> Route:
    def work(request: Request, content: bytes) -> Response:
        body = _parsed(shape, request, content)
        store: Store = request.app.state.store
        with store.lock:
            answer = run(store, store.index(request.path_params["index"]), body)
        return json_response(answer)

    return route(method, f"{DATA_PREFIX}/{{index}}{path}", work)


def _parsed(shape: type[BaseModel], request: Request, content: bytes) -> BaseModel:
    if request.method == "POST":
        return shape.model_validate_json(content or b"{}", strict=True)
    query = request.query_params
    lists = {"ids": query.getlist("ids")} if "ids" in query else {}
    return shape.model_validate({**query, **lists, **request.path_params})


ROUTES = [
    _operation("POST", "/vectors/upsert", bodies.Upsert, records.upsert),
    _operation("POST", "/query", bodies.Query, records.query),
    _operation("GET", "/vectors/fetch", bodies.Fetch, records.fetch),
    _operation(
        "POST", "/vectors/fetch_by_metadata", bodies.FetchByMetadata, records.fetch_by_metadata
    ),
    _operation("POST", "/vectors/update", bodies.Update, records.update),
    _operation("POST", "/vectors/delete", bodies.Delete, records.delete),
    _operation("GET", "/vectors/list", bodies.ListRecords, records.list_page),
    _operation("POST", "/describe_index_stats", bodies.Stats, records.stats),
    _operation("POST", "/namespaces", bodies.NewNamespace, namespaces.create),
    _operation("GET", "/namespaces", bodies.ListNamespaces, namespaces.list_page),
    # a path, because a namespace may have slashes in its name
    _operation("GET", "/namespaces/{namespace:path}", bodies.Body, namespaces.describe),
    _operation("DELETE", "/namespaces/{namespace:path}", bodies.Body, namespaces.delete),
]
