"""Metadata filters: the query language, compiled into one function on the columns of a namespace.

A list of strings matches when one of its strings does. A record without the field matches only
`$ne`, `$nin` and `$exists: false`.
"""

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from .columns import Column, Filter, Mask
from .errors import InvalidError
from .limits import MAX_FILTER_VALUES, number

# Finds which values of a field are accepted; the last element stands for an absent field.
Test = Callable[[Column], Mask]
Junction = Callable[[Mask, Mask], Mask]


def compile_filter(value: object) -> Filter | None:
    """Compile a filter as a client sends it; None and `{}` are no filter."""
    return None if value is None or value == {} else _expression(value)


def _expression(value: object) -> Filter:
    if not isinstance(value, dict) or not value:
        raise InvalidError(f"A filter must be an object with at least one condition, got {value!r}")
    return _joined(np.logical_and, [_clause(key, operand) for key, operand in value.items()])


def _clause(key: str, operand: object) -> Filter:
    if key in _JUNCTIONS:
        return _junction(key, operand)
    if key.startswith("$"):
        raise InvalidError(f"{key} is not a valid operator")
    return _field(key, operand if isinstance(operand, dict) else {"$eq": operand})


def _junction(name: str, operand: object) -> Filter:
    if not isinstance(operand, list) or not operand:
        raise _wrong(name, "a non-empty list of filters", operand)
    return _joined(_JUNCTIONS[name], [_expression(part) for part in operand])


def _joined(join: Junction, parts: list[Filter]) -> Filter:
    return lambda columns: reduce(join, (part(columns) for part in parts))


def _field(name: str, conditions: dict[str, object]) -> Filter:
    if not conditions:
        raise InvalidError(f"The condition on '{name}' is empty")
    tests = [_test(condition, operand) for condition, operand in conditions.items()]
    return _joined(np.logical_and, [_on(name, test) for test in tests])


def _on(name: str, test: Test) -> Filter:
    return lambda columns: columns.accepted(name, test)


def _test(name: str, operand: object) -> Test:
    if name not in _TESTS:
        raise InvalidError(f"{name} is not a valid operator")
    return _TESTS[name](name, operand)


def _equals(name: str, operand: object) -> Test:
    if not isinstance(operand, str | bool | int | float):
        raise _wrong(name, "a string, a number or a boolean", operand)
    return _holds([operand])


def _among(name: str, operand: object) -> Test:
    if not isinstance(operand, list) or not all(_is_string_or_number(item) for item in operand):
        raise _wrong(name, "a list of strings or numbers", operand)
    if len(operand) > MAX_FILTER_VALUES:
        raise InvalidError(
            f"The {name} operator accepts at most {MAX_FILTER_VALUES} values, got {len(operand)}"
        )
    return _holds(operand)


def _holds(values: list[str | float | bool]) -> Test:
    wanted = [number(value) if _is_number(value) else value for value in values]
    return lambda column: column.holding(wanted)


def _compares(
    compare: Callable[[NDArray[np.float64], float], Any],
) -> Callable[[str, object], Test]:
    def build(name: str, operand: object) -> Test:
        if not _is_number(operand):
            raise _wrong(name, "a number", operand)
        bound = number(operand)
        return lambda column: compare(column.numbers(), bound)

    return build


def _exists(name: str, operand: object) -> Test:
    if not isinstance(operand, bool):
        raise _wrong(name, "a boolean", operand)
    return lambda column: column.present() == operand


def _negated(build: Callable[[str, object], Test]) -> Callable[[str, object], Test]:
    def build_negated(name: str, operand: object) -> Test:
        test = build(name, operand)
        return lambda column: ~test(column)

    return build_negated


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_string_or_number(value: object) -> bool:
    return isinstance(value, str) or _is_number(value)


def _wrong(name: str, wanted: str, got: object) -> InvalidError:
    return InvalidError(
        f"The {name} operator must be followed by {wanted}, got {str(got)[:60]!r} instead"
    )


_JUNCTIONS: dict[str, Junction] = {"$and": np.logical_and, "$or": np.logical_or}
_TESTS: dict[str, Callable[[str, object], Test]] = {
    "$eq": _equals,
    "$ne": _negated(_equals),
    "$in": _among,
    "$nin": _negated(_among),
    "$gt": _compares(operator.gt),
    "$gte": _compares(operator.ge),
    "$lt": _compares(operator.lt),
    "$lte": _compares(operator.le),
    "$exists": _exists,
}
