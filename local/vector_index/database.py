"""The SQLite file: its tables, its settings and its format."""

import sqlite3
from pathlib import Path

FILE_NAME = "vector-index.sqlite3"
FORMAT = 1  # of the file; a file of another format is refused

_TABLES = """
CREATE TABLE indexes (name TEXT PRIMARY KEY, definition TEXT NOT NULL);
CREATE TABLE namespaces (
    index_name TEXT NOT NULL REFERENCES indexes ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (index_name, name)
);
CREATE TABLE records (
    index_name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    vector BLOB NOT NULL,
    metadata BLOB NOT NULL,
    PRIMARY KEY (index_name, namespace, id),
    FOREIGN KEY (index_name, namespace) REFERENCES namespaces ON DELETE CASCADE
);
"""


class UnusableDataError(Exception):
    """The data cannot be opened: another process uses it, or it is not an index."""

    def __init__(self, directory: Path, reason: object) -> None:
        """Build the message from the directory and the reason."""
        super().__init__(f"the data in {directory} cannot be used: {reason}")


def open_database(directory: Path) -> sqlite3.Connection:
    """Connect to the data in `directory`, exclusively."""
    directory.mkdir(parents=True, exist_ok=True)
    # many threads use it, one at a time: see Store.lock
    db = sqlite3.connect(directory / FILE_NAME, timeout=0, check_same_thread=False)
    try:
        found = _prepared(db)
    except sqlite3.DatabaseError as error:
        raise UnusableDataError(directory, error) from error
    if found != FORMAT:
        raise UnusableDataError(directory, f"its format is {found}, not {FORMAT}; start elsewhere")
    return db


def _prepared(db: sqlite3.Connection) -> int:
    """Set the connection up, create the tables of a new file, and return the file's format."""
    # a second process would not see what this one has in memory; the lock ends with the process
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("PRAGMA journal_mode = WAL")
    # an acknowledged write survives a power failure too, at the cost of one sync per request
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    if db.execute("PRAGMA user_version").fetchone() == (0,):
        db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {FORMAT}; COMMIT;")
    (found,) = db.execute("PRAGMA user_version").fetchone()
    return int(found)
