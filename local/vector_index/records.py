"""The operations on records: each takes a parsed request and returns the response's body.

Operations that change something are called with the store's lock held.
"""

from typing import Any

import orjson

from . import bodies
from .errors import InvalidError
from .limits import fitting, metadata_json
from .matrix import Match, Record, Vector
from .paging import page
from .store import DEFAULT_NAMESPACE, Index, Store

Answer = dict[str, Any]


def upsert(store: Store, index: Index, body: bodies.Upsert) -> Answer:
    """Write records, replacing those with the same ids."""
    dimension = index.definition.dimension
    records = [
        Record(r.id, fitting(r.values, dimension), metadata_json(r.metadata)) for r in body.vectors
    ]
    store.put(index, body.namespace, records)
    return {"upsertedCount": len(records)}


def query(store: Store, index: Index, body: bodies.Query) -> Answer:
    """Find the records most similar to a vector, or to a stored record."""
    vector = _query_vector(index, body)
    if vector is None:
        return _read(body, {"matches": []})
    metric = index.definition.metric
    matches = index.records(body.namespace).search(vector, metric, body.top_k, body.filter)
    return _read(body, {"matches": [_shown_match(match, body) for match in matches]})


def fetch(store: Store, index: Index, body: bodies.Fetch) -> Answer:
    """Return the records with these ids; ids without a record are left out."""
    stored = index.records(body.namespace)
    found = (stored.get(record_id) for record_id in body.ids)
    return _read(body, {"vectors": {r.id: _shown(r) for r in found if r}})


def fetch_by_metadata(store: Store, index: Index, body: bodies.FetchByMetadata) -> Answer:
    """Return a page of the records that match a filter."""
    if body.filter is None:
        raise InvalidError("Empty filter provided for fetch by metadata request")
    found = {record.id: record for record in index.records(body.namespace).matching(body.filter)}
    shown, rest = page(list(found), body.limit, body.pagination_token)
    return _read(body, {"vectors": {i: _shown(found[i]) for i in shown}} | rest)


def update(store: Store, index: Index, body: bodies.Update) -> Answer:
    """Change one record, or the metadata of all that match a filter."""
    if (body.id is None) == (body.filter is None):
        raise InvalidError("An update needs exactly one of 'id' and 'filter'")
    if body.filter and body.values is not None:
        raise InvalidError("Update by metadata request does not support updating vector values.")
    found = _selected(index, body)
    if found and not (body.filter and body.dry_run):
        store.put(index, body.namespace, [_updated(record, index, body) for record in found])
    return {"matchedRecords": len(found)} if body.filter else {}


def delete(store: Store, index: Index, body: bodies.Delete) -> Answer:
    """Remove records; their namespace stays, even when it is empty."""
    selectors = (body.ids is not None, body.delete_all, body.filter is not None)
    if selectors.count(True) != 1:
        raise InvalidError("A delete needs exactly one of 'ids', 'deleteAll', non-empty 'filter'")
    index.require(body.namespace)
    stored = index.records(body.namespace)
    if body.filter:
        ids = [record.id for record in stored.matching(body.filter)]
    else:
        ids = body.ids or stored.ids()
    store.remove(index, body.namespace, ids)
    return {}


def list_page(store: Store, index: Index, body: bodies.ListRecords) -> Answer:
    """Return a page of the ids that start with a prefix."""
    ids = index.records(body.namespace).ids()
    shown, rest = page(ids, body.limit, body.pagination_token, body.prefix)
    return _read(body, {"vectors": [{"id": record_id} for record_id in shown]} | rest)


def stats(store: Store, index: Index, body: bodies.Stats) -> Answer:
    """Count the records of the index by namespace."""
    if body.filter:
        raise InvalidError("Serverless indexes do not support index stats with metadata filtering")
    counts = {name: len(records) for name, records in index.namespaces.items()}
    return {
        "namespaces": {name: {"vectorCount": count} for name, count in counts.items()},
        "dimension": index.definition.dimension,
        "indexFullness": 0.0,
        "totalVectorCount": sum(counts.values()),
        "metric": index.definition.metric,
        "vectorType": "dense",
    }


def _read(body: bodies.Body, answer: Answer) -> Answer:
    """Add the fields of every read. Nothing is metered here: each read costs one unit."""
    namespace = "" if body.namespace == DEFAULT_NAMESPACE else body.namespace
    return answer | {"namespace": namespace, "usage": {"readUnits": 1}}


def _query_vector(index: Index, body: bodies.Query) -> Vector | None:
    """The vector to search for, or None if the record that `id` names does not exist."""
    if (body.vector is None) == (body.id is None):
        raise InvalidError("A query needs exactly one of 'vector' and 'id'")
    if body.vector is not None:
        return fitting(body.vector, index.definition.dimension)
    stored = index.records(body.namespace).get(body.id or "")
    return stored.values if stored else None


def _shown_match(match: Match, body: bodies.Query) -> Answer:
    shown = _shown(match.record, body.include_values, body.include_metadata)
    return shown | {"score": match.score}


def _shown(record: Record, values: bool = True, metadata: bool = True) -> Answer:
    shown: Answer = {"id": record.id}
    if values:
        shown["values"] = record.values
    if metadata and record.metadata != b"{}":
        shown["metadata"] = orjson.Fragment(record.metadata)
    return shown


def _selected(index: Index, body: bodies.Update) -> list[Record]:
    stored = index.records(body.namespace)
    if body.filter:
        return stored.matching(body.filter)
    record = stored.get(body.id or "")
    return [record] if record else []


def _updated(record: Record, index: Index, body: bodies.Update) -> Record:
    values = record.values if body.values is None else body.values
    metadata = orjson.loads(record.metadata) | body.set_metadata
    dimension = index.definition.dimension
    return Record(record.id, fitting(values, dimension), metadata_json(metadata))
