"""The base of the models of requests and responses."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A model whose schema is built when a request first needs it, not at each start."""

    model_config = ConfigDict(defer_build=True)
