"""The operations on namespaces: each takes a parsed request and returns the response's body.

Operations that change something are called with the store's lock held.
"""

from typing import Any

from . import bodies
from .errors import AlreadyExistsError
from .paging import page
from .store import DEFAULT_NAMESPACE, Index, Store

Answer = dict[str, Any]


def create(store: Store, index: Index, body: bodies.NewNamespace) -> Answer:
    """Add an empty namespace."""
    if body.name in index.namespaces or body.name == DEFAULT_NAMESPACE:
        raise AlreadyExistsError(f"Namespace {body.name} already exists")
    store.create_namespace(index, body.name)
    return _described(index, body.name)


def describe(store: Store, index: Index, body: bodies.Body) -> Answer:
    """Count the records of one namespace."""
    index.require(body.namespace)
    return _described(index, body.namespace)


def delete(store: Store, index: Index, body: bodies.Body) -> Answer:
    """Remove a namespace and its records."""
    index.require(body.namespace)
    store.delete_namespace(index, body.namespace)
    return {}


def list_page(store: Store, index: Index, body: bodies.ListNamespaces) -> Answer:
    """Return a page of the namespaces whose names start with a prefix."""
    names = sorted(name for name in index.namespaces if name.startswith(body.prefix))
    shown, rest = page(names, body.limit, body.pagination_token)
    described = [_described(index, name) for name in shown]
    return {"namespaces": described, "total_count": len(names)} | rest


def _described(index: Index, name: str) -> Answer:
    # the service writes this count as a string
    return {"name": name, "record_count": str(len(index.records(name)))}
