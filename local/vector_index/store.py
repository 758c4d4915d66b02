"""Indexes and their records: durable in SQLite, searched in memory.

Everything is loaded at start. A write is committed to SQLite first and then applied to memory, so
memory never holds what a crash could lose, and queries are answered during the commit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from threading import Lock

import numpy as np

from .database import open_database
from .definition import Definition
from .errors import AlreadyExistsError, NotFoundError
from .matrix import FIRST_CAPACITY, Matrix, Record

_LOADED_TOGETHER = 1000  # records
_NAMESPACES = """
SELECT namespaces.index_name, name, count(id) FROM namespaces
LEFT JOIN records ON records.index_name = namespaces.index_name AND namespace = name
GROUP BY namespaces.index_name, name
"""
DEFAULT_NAMESPACE = "__default__"  # exists in every index, whether it has records or not


@dataclass
class Index:
    """One index and its namespaces, in memory."""

    definition: Definition
    namespaces: dict[str, Matrix] = field(default_factory=dict)

    def records(self, namespace: str) -> Matrix:
        """The records of a namespace; an unknown one has none."""
        return self.namespaces.get(namespace) or Matrix(self.definition.dimension)

    def require(self, namespace: str) -> None:
        """Refuse if there is no such namespace."""
        if namespace not in self.namespaces and namespace != DEFAULT_NAMESPACE:
            raise NotFoundError("Namespace not found")


class Store:
    """All indexes. Hold `lock` around every change; reads need none."""

    def __init__(self, directory: Path) -> None:
        """Open the data in `directory`, or create it there."""
        self.lock = Lock()
        self._db = open_database(directory)
        self.indexes = {definition.name: Index(definition) for definition in self._definitions()}
        self._load()

    def close(self) -> None:
        """Close the database, so that another process can open it."""
        self._db.close()

    def index(self, name: str) -> Index:
        """An index that must exist."""
        if name not in self.indexes:
            raise NotFoundError(f"Resource {name} not found")
        return self.indexes[name]

    def create(self, definition: Definition) -> None:
        """Add an index with a new name."""
        if definition.name in self.indexes:
            raise AlreadyExistsError(f"Resource {definition.name} already exists")
        row = (definition.name, definition.model_dump_json())
        with self._db:
            self._db.execute("INSERT INTO indexes VALUES (?, ?)", row)
        self.indexes[definition.name] = Index(definition)

    def configure(self, definition: Definition) -> None:
        """Replace the definition of an index, but not its records."""
        row = (definition.model_dump_json(), definition.name)
        with self._db:
            self._db.execute("UPDATE indexes SET definition = ? WHERE name = ?", row)
        self.index(definition.name).definition = definition

    def delete(self, name: str) -> None:
        """Remove an index and all its records."""
        with self._db:
            self._db.execute("DELETE FROM indexes WHERE name = ?", (name,))
        del self.indexes[name]

    def create_namespace(self, index: Index, name: str) -> Matrix:
        """Create the namespace if it is missing, and return its records."""
        if name not in index.namespaces:
            row = (index.definition.name, name)
            with self._db:
                self._db.execute("INSERT INTO namespaces VALUES (?, ?)", row)
            index.namespaces[name] = Matrix(index.definition.dimension)
        return index.namespaces[name]

    def delete_namespace(self, index: Index, name: str) -> None:
        """Remove a namespace and its records."""
        row = (index.definition.name, name)
        with self._db:
            self._db.execute("DELETE FROM namespaces WHERE index_name = ? AND name = ?", row)
        index.namespaces.pop(name, None)

    def put(self, index: Index, namespace: str, records: Iterable[Record]) -> None:
        """Write the records, all or none of them."""
        records = list(records)
        matrix = self.create_namespace(index, namespace)
        key = (index.definition.name, namespace)
        rows = [(*key, record.id, record.values.tobytes(), record.metadata) for record in records]
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", rows)
        matrix.put(records)

    def remove(self, index: Index, namespace: str, ids: Iterable[str]) -> None:
        """Delete the records that exist among the ids, all or none of them."""
        ids = list(ids)
        rows = [(index.definition.name, namespace, record_id) for record_id in ids]
        statement = "DELETE FROM records WHERE index_name = ? AND namespace = ? AND id = ?"
        with self._db:
            self._db.executemany(statement, rows)
        index.records(namespace).remove(ids)

    def _definitions(self) -> list[Definition]:
        rows = self._db.execute("SELECT definition FROM indexes ORDER BY name")
        return [Definition.model_validate_json(definition) for (definition,) in rows]

    def _load(self) -> None:
        for index_name, name, count in self._db.execute(_NAMESPACES).fetchall():
            index = self.indexes[index_name]
            capacity = max(count, FIRST_CAPACITY)
            index.namespaces[name] = Matrix(index.definition.dimension, capacity)
        rows = self._db.execute("SELECT index_name, namespace, id, vector, metadata FROM records")
        while some := rows.fetchmany(_LOADED_TOGETHER):
            for (index_name, name), group in groupby(some, key=itemgetter(0, 1)):
                matrix = self.indexes[index_name].namespaces[name]
                _, _, ids, vectors, metadata = zip(*group, strict=True)
                values = np.frombuffer(b"".join(vectors), np.float32).reshape(len(ids), -1)
                matrix.extend(ids, values, metadata)
