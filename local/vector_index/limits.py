"""The limits of the service, and the checks that a schema cannot express.

The numbers are Pinecone's: https://docs.pinecone.io/reference/api/database-limits
"""

import math

import numpy as np
import orjson
from pydantic import TypeAdapter, ValidationError

from .columns import Metadata, Value
from .errors import InvalidError
from .matrix import Vector

MAX_REQUEST_BYTES = 2 * 1024 * 1024
MAX_METADATA_BYTES = 40 * 1024  # per record
MAX_ID_LENGTH = 512  # characters, of record ids and namespaces
MAX_BATCH = 1000  # records or ids in one request
MAX_TOP_K = 10_000
MAX_LIST_PAGE = 100
MAX_FETCH_PAGE = 10_000  # of a fetch by metadata
MAX_FILTER_VALUES = 10_000  # in one $in or $nin
MAX_DIMENSION = 20_000

_FLOATS = TypeAdapter(list[float])


def dense_vector(value: object) -> Vector:
    """JSON numbers as finite float32 values."""
    try:
        floats = _FLOATS.validate_python(value, strict=True)
    except ValidationError as error:
        raise InvalidError("Vector values must be a list of numbers") from error
    with np.errstate(over="ignore"):  # a number too large for float32 is infinite below
        vector = np.array(floats, np.float32)
    if not np.isfinite(vector).all():
        raise InvalidError("Vector values must be finite 32-bit floating point numbers")
    return vector


def stored_vector(value: object) -> Vector:
    """A dense vector that may be stored: only a query may consist of zeros."""
    vector = dense_vector(value)
    if not vector.any():
        raise InvalidError("Dense vectors must contain at least one non-zero value")
    return vector


def fitting(vector: Vector, dimension: int) -> Vector:
    """Return the vector if it has the dimension of the index."""
    if len(vector) != dimension:
        raise InvalidError(
            f"Vector dimension {len(vector)} does not match the dimension of the index {dimension}"
        )
    return vector


def metadata(value: object) -> Metadata:
    """Validate a flat object of strings, numbers, booleans and lists of strings.

    Numbers become floats.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidError("Metadata must be an object")
    return {key: _field(key, field) for key, field in value.items()}


def metadata_json(value: Metadata) -> bytes:
    """Encode the metadata of a record as it is stored, if it is within the limit."""
    encoded = orjson.dumps(value)
    if len(encoded) > MAX_METADATA_BYTES:
        raise InvalidError(
            f"Metadata size is {len(encoded)} bytes, "
            f"which exceeds the limit of {MAX_METADATA_BYTES} bytes per vector"
        )
    return encoded


def number(value: float) -> float:
    """The number as the service stores it: a finite 64-bit float."""
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise InvalidError("Numbers must be finite 64-bit floating point numbers")
    return result


def _field(key: str, value: object) -> Value:
    if key.startswith("$"):
        raise InvalidError(f"Metadata keys must not start with '$', got '{key}'")
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise InvalidError(
        "Metadata value must be a string, number, boolean or list of strings, "
        f"got '{str(value)[:20]}' for field '{key}'"
    )
