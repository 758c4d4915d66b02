"""Translates the errors of the Pinecone SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pinecone.errors.exceptions import (
    ApiError,
    NotFoundError,
    PineconeError,
    PineconeTimeoutError,
    PineconeValueError,
    RateLimitError,
)

from image_search.errors import (
    DeadlineError,
    VectorIndexBusyError,
    VectorIndexError,
    VectorIndexRefusedError,
    VectorIndexTimeoutError,
)

# The statuses of requests that are wrong themselves, such as a vector of zeros or more than 40 kB
# of metadata.
# https://docs.pinecone.io/reference/api/errors
_REFUSED = (400, 413, 422)


@contextmanager
def missing_is_empty() -> Iterator[None]:
    """Treat a missing namespace as empty: it exists only once it has had a record."""
    try:
        yield
    except NotFoundError:
        return


@contextmanager
def translated() -> Iterator[None]:
    """Raise the errors of the SDK as those of this library."""
    try:
        yield
    except RateLimitError as error:
        raise VectorIndexBusyError(str(error)) from error
    except (PineconeTimeoutError, DeadlineError) as error:
        raise VectorIndexTimeoutError(str(error)) from error
    except PineconeValueError as error:
        raise VectorIndexRefusedError(str(error)) from error
    except ApiError as error:
        refused = error.status_code in _REFUSED
        raise (VectorIndexRefusedError if refused else VectorIndexError)(str(error)) from error
    except PineconeError as error:
        raise VectorIndexError(str(error)) from error
