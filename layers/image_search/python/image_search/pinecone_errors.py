"""What the errors of the Pinecone SDK mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pinecone.errors.exceptions import (
    NotFoundError,
    PineconeError,
    PineconeTimeoutError,
    RateLimitError,
)

from image_search.errors import (
    DeadlineError,
    VectorIndexBusyError,
    VectorIndexError,
    VectorIndexTimeoutError,
)


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
    except PineconeError as error:
        raise VectorIndexError(str(error)) from error
