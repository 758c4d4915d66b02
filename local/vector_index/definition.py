"""The definition of an index, and its form in each version of the control plane's API.

API 2026-07 (Python SDK 10) has a schema and a deployment; earlier versions (Node SDK 8) have a
dimension, a metric and a spec.
"""

import re
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from .errors import ForbiddenError, InvalidError, NotFoundError
from .limits import MAX_DIMENSION

FIRST_SCHEMA_VERSION = "2026-07"
DENSE_FIELD = "_values"  # the field that the vectors API reads and writes

Metric = Literal["cosine", "dotproduct", "euclidean"]
Protection = Literal["enabled", "disabled"]
Dimension = Annotated[int, Field(ge=1, le=MAX_DIMENSION)]
Tags = dict[str, str]
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def _valid_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(
            "Name must consist of lower case alphanumeric characters or '-', and must start and "
            "end with an alphanumeric character"
        )
    return name


IndexName = Annotated[str, StringConstraints(max_length=45), AfterValidator(_valid_name)]


# The regions in which the service creates indexes: the enumerations of the Python SDK 10.
REGIONS = {
    "aws": ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1"),
    "gcp": ("us-central1", "europe-west4"),
    "azure": ("eastus2", "germanywestcentral"),
}


class Strict(BaseModel):
    """Refuses settings that are not stored, so that nobody relies on them."""

    model_config = ConfigDict(extra="forbid")


class Location(BaseModel):
    """The cloud and region that are reported; they have no effect."""

    cloud: str = "aws"
    region: str = "us-east-1"


class Definition(BaseModel):
    """One index, as it is stored."""

    name: IndexName
    dimension: Dimension
    metric: Metric
    location: Location
    deletion_protection: Protection = "disabled"
    tags: Tags | None = None

    def require_deletable(self) -> None:
        """Refuse if deletion protection is on."""
        if self.deletion_protection == "enabled":
            raise ForbiddenError(
                "Deletion protection is enabled for this index. Disable deletion protection before "
                "retrying."
            )

    def described(self, host: str, version: str) -> dict[str, Any]:
        """The description of the index in that API version; `host` serves its records."""
        shape = self._as_schema if version >= FIRST_SCHEMA_VERSION else self._as_spec
        return {
            "name": self.name,
            "host": host,
            "status": {"ready": True, "state": "Ready"},
            "deletion_protection": self.deletion_protection,
            "tags": self.tags,
            **shape(),
        }

    def _as_schema(self) -> dict[str, Any]:
        field = {"type": "dense_vector", "dimension": self.dimension, "metric": self.metric}
        return {
            "schema": {"fields": {DENSE_FIELD: field}},
            "deployment": {"deployment_type": "managed", **self.location.model_dump()},
            "read_capacity": _ON_DEMAND,
        }

    def _as_spec(self) -> dict[str, Any]:
        return {
            "dimension": self.dimension,
            "metric": self.metric,
            "vector_type": "dense",
            "spec": {"serverless": {**self.location.model_dump(), "read_capacity": _ON_DEMAND}},
        }


_ON_DEMAND = {"mode": "OnDemand", "status": {"state": "Ready"}}


class _ReadCapacity(Strict):
    mode: Literal["OnDemand"]


class _Place(Strict):
    cloud: str = "aws"
    region: str = "us-east-1"
    read_capacity: _ReadCapacity | None = None

    def location(self) -> Location:
        if self.region not in REGIONS.get(self.cloud, ()):
            raise NotFoundError(f"Resource cloud: {self.cloud} region: {self.region} not found")
        return Location(cloud=self.cloud, region=self.region)


class _DenseField(Strict):
    type: Literal["dense_vector"]
    dimension: Dimension
    metric: Metric = "cosine"


class _Schema(Strict):
    fields_: dict[str, _DenseField] = Field(alias="fields")


class _Deployment(_Place):
    deployment_type: Literal["managed"] = "managed"


class _Spec(Strict):
    serverless: _Place


class _NewIndex(Strict):
    name: IndexName = Field(default_factory=lambda: f"index-{uuid4().hex[:8]}")
    deletion_protection: Protection = "disabled"
    tags: Tags | None = None

    def _define(self, dimension: int, metric: Metric, place: _Place) -> Definition:
        return Definition(
            name=self.name,
            dimension=dimension,
            metric=metric,
            location=place.location(),
            deletion_protection=self.deletion_protection,
            tags=self.tags,
        )


class _SchemaIndex(_NewIndex):
    schema_: _Schema = Field(alias="schema")
    read_capacity: _ReadCapacity | None = None
    deployment: _Deployment = _Deployment()

    def define(self) -> Definition:
        if set(self.schema_.fields_) != {DENSE_FIELD}:
            raise InvalidError(f"The schema must have the field {DENSE_FIELD} and no other")
        field = self.schema_.fields_[DENSE_FIELD]
        return self._define(field.dimension, field.metric, self.deployment)


class _SpecIndex(_NewIndex):
    dimension: Dimension
    metric: Metric = "cosine"
    vector_type: Literal["dense"] = "dense"
    spec: _Spec

    def define(self) -> Definition:
        return self._define(self.dimension, self.metric, self.spec.serverless)


def parse_definition(body: bytes, version: str) -> Definition:
    """Parse the body of a create request of that API version."""
    shape = _SchemaIndex if version >= FIRST_SCHEMA_VERSION else _SpecIndex
    return shape.model_validate_json(body, strict=True).define()


class Configuration(Strict):
    """The body of a configure request: the settings that may change after creation."""

    deletion_protection: Protection | None = None
    tags: Tags | None = None

    def applied_to(self, definition: Definition) -> Definition:
        """The definition with the changes; a tag that is set to "" is removed."""
        tags = {**(definition.tags or {}), **(self.tags or {})}
        changes = {
            "deletion_protection": self.deletion_protection or definition.deletion_protection,
            "tags": {key: value for key, value in tags.items() if value} or None,
        }
        return definition.model_copy(update=changes)
