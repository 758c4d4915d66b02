"""The metadata of a namespace by field, so that a filter looks at arrays and not at records.

Each field is dictionary-encoded: its distinct values are kept once, and a row holds the number of
its value. A condition is evaluated once per distinct value and then looked up for all rows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import orjson
from numpy.typing import NDArray

Value = str | float | bool | list[str]
Metadata = dict[str, Value]
Mask = NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)

# The code of a row without the field. As an index it means the last element: arrays over the values
# have one more element than there are values.
_ABSENT = -1
_FIRST_CAPACITY = 64
# A column with this many distinct values beyond twice the rows is made again: it still has values
# of replaced records.
_SPARE_VALUES = 1024


class Column:
    """One field of all rows. Arrays over its values have one more element, for an absent field."""

    def __init__(self) -> None:
        """Start without values."""
        self._codes = np.full(_FIRST_CAPACITY, _ABSENT, np.int32)
        self._numbers = np.full(_FIRST_CAPACITY, np.nan)
        self._code_of: dict[object, int] = {}
        self._codes_with: dict[str, list[int]] = {}

    def __len__(self) -> int:
        """The number of distinct values."""
        return len(self._code_of)

    def set(self, row: int, value: Value | None) -> None:
        """Set the value of a row, or that it has none."""
        if row >= len(self._codes):
            self._codes = _extended(self._codes, row + 1, _ABSENT)
        self._codes[row] = _ABSENT if value is None else self._code(value)

    def move(self, source: int, target: int) -> None:
        """Copy the value of another row."""
        self._codes[target] = self._codes[source]

    def rows(self, accepted: Mask, count: int) -> Mask:
        """Which of the first rows have an accepted value; `accepted` is (values + 1,)."""
        return accepted[self._codes[:count]]

    def numbers(self) -> NDArray[np.float64]:
        """The values as numbers, NaN where they are none: (values + 1,)."""
        return np.append(self._numbers[: len(self)], np.nan)

    def present(self) -> Mask:
        """All values, without the absent one."""
        return np.append(np.ones(len(self), bool), False)

    def holding(self, items: Iterable[str | float | bool]) -> Mask:
        """Which values are one of the items, or a list with one of them."""
        accepted = np.zeros(len(self) + 1, bool)
        for item in items:
            code = self._code_of.get(_key(item))
            if code is not None:
                accepted[code] = True
            if isinstance(item, str):
                accepted[self._codes_with.get(item, [])] = True
        return accepted

    def _code(self, value: Value) -> int:
        key = _key(value)
        code = self._code_of.get(key)
        if code is None:
            code = self._code_of[key] = len(self._code_of)
            self._add(code, value)
        return code

    def _add(self, code: int, value: Value) -> None:
        """Store the parts of a value that filters compare."""
        if code >= len(self._numbers):
            self._numbers = _extended(self._numbers, code + 1, np.nan)
        if isinstance(value, list):
            for item in set(value):
                self._codes_with.setdefault(item, []).append(code)
        elif not isinstance(value, str | bool):
            self._numbers[code] = value


class Columns:
    """The fields of all rows, each made when a filter first asks for it."""

    def __init__(self, stored: Sequence[bytes]) -> None:
        """Keep the metadata of the rows, as JSON; the owner of the sequence reports changes."""
        self._stored = stored
        self._columns: dict[str, Column] = {}

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self._stored)

    def accepted(self, name: str, test: Callable[[Column], Mask]) -> Mask:
        """The rows whose field has a value that a test accepts."""
        column = self._columns.get(name)
        if column is None or len(column) > 2 * self.count + _SPARE_VALUES:
            column = self._columns[name] = self._made(name)
        return column.rows(test(column), self.count)

    def set(self, row: int, metadata: bytes) -> None:
        """Update the columns for a new or changed row."""
        if self._columns:
            fields = orjson.loads(metadata)
            for name, column in self._columns.items():
                column.set(row, fields.get(name))

    def move(self, source: int, target: int) -> None:
        """Update the columns after a row moved into the place of another one."""
        for column in self._columns.values():
            column.move(source, target)

    def _made(self, name: str) -> Column:
        column = Column()
        for row, value in enumerate(self._values(name)):
            column.set(row, value)
        return column

    def _values(self, name: str) -> Iterator[Value | None]:
        return (orjson.loads(metadata).get(name) for metadata in self._stored)


Filter = Callable[[Columns], Mask]
"""Which of the rows a filter accepts: (rows,) bool."""


def _key(value: Value) -> object:
    """A hashable key for a value: True differs from 1.0, and lists become tuples."""
    if isinstance(value, bool):
        return bool, value
    return tuple(value) if isinstance(value, list) else value


def _extended(array: NDArray[T], length: int, fill: float) -> NDArray[T]:
    larger: NDArray[T] = np.full(max(length, 2 * len(array)), fill, array.dtype)
    larger[: len(array)] = array
    return larger
