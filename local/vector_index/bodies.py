"""The requests of the data plane, parsed and validated.

JSON bodies are validated strictly; the parameters of a GET are strings, which are converted.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, StringConstraints
from pydantic.alias_generators import to_camel

from . import limits
from .columns import Filter as Compiled
from .columns import Metadata
from .errors import InvalidError
from .filters import compile_filter
from .matrix import Vector
from .store import DEFAULT_NAMESPACE


def _no_sparse(value: object) -> None:
    if value is not None:
        raise InvalidError("Sparse vectors are not supported: this index has a dense field only")


def _or_default(namespace: str) -> str:
    return namespace or DEFAULT_NAMESPACE


Ascii = StringConstraints(pattern=r"^[\x01-\x7f]*$", max_length=limits.MAX_ID_LENGTH)
RecordId = Annotated[str, Field(min_length=1), Ascii]
Ids = Annotated[list[RecordId], Field(min_length=1, max_length=limits.MAX_BATCH)]
Namespace = Annotated[str, Ascii, AfterValidator(_or_default)]
Values = Annotated[Vector, PlainValidator(limits.stored_vector)]
QueryValues = Annotated[Vector, PlainValidator(limits.dense_vector)]
Fields = Annotated[Metadata, PlainValidator(limits.metadata)]
Filter = Annotated[Compiled | None, PlainValidator(compile_filter)]
NoSparse = Annotated[None, PlainValidator(_no_sparse)]
ListLimit = Annotated[int, Field(ge=1, le=limits.MAX_LIST_PAGE)]


class Strict(BaseModel):
    """Names in camel case or, as protocol buffers allow in JSON, in snake case; no others."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Body(Strict):
    """The field that every request on records may have."""

    namespace: Namespace = DEFAULT_NAMESPACE


class NewRecord(Strict):
    """One record of an upsert."""

    id: RecordId
    values: Values
    sparse_values: NoSparse = None
    metadata: Fields = Field(default_factory=dict)


class Upsert(Body):
    """POST /vectors/upsert."""

    vectors: Annotated[list[NewRecord], Field(min_length=1, max_length=limits.MAX_BATCH)]


class Query(Body):
    """POST /query: by `vector` or by the `id` of a stored one."""

    top_k: Annotated[int, Field(ge=1, le=limits.MAX_TOP_K)]
    vector: QueryValues | None = None
    id: RecordId | None = None
    sparse_vector: NoSparse = None
    filter: Filter = None
    include_values: bool = False
    include_metadata: bool = False


class Fetch(Body):
    """GET /vectors/fetch."""

    ids: Ids


class FetchByMetadata(Body):
    """POST /vectors/fetch_by_metadata."""

    filter: Filter = None
    limit: Annotated[int, Field(ge=1, le=limits.MAX_FETCH_PAGE)] = 100
    pagination_token: str | None = None


class Update(Body):
    """POST /vectors/update: one record by `id`, or the metadata of all that match `filter`."""

    id: RecordId | None = None
    values: Values | None = None
    sparse_values: NoSparse = None
    set_metadata: Fields = Field(default_factory=dict)
    filter: Filter = None
    dry_run: bool = False


class Delete(Body):
    """POST /vectors/delete: exactly one of the selectors."""

    ids: Ids | None = None
    delete_all: bool = False
    filter: Filter = None


class ListRecords(Body):
    """GET /vectors/list."""

    prefix: Annotated[str, Ascii] = ""
    limit: ListLimit = limits.MAX_LIST_PAGE
    pagination_token: str | None = None


class Stats(Strict):
    """POST /describe_index_stats."""

    filter: dict[str, Any] | None = None


class ListNamespaces(Strict):
    """GET /namespaces."""

    prefix: Annotated[str, Ascii] = ""
    limit: ListLimit = limits.MAX_LIST_PAGE
    pagination_token: str | None = None


class NewNamespace(Strict):
    """POST /namespaces."""

    name: RecordId
