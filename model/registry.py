"""The models that can be built: `registry.toml` as typed, validated entries."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from image_search.bundle import Resize, Source

from .clip.architecture import Architecture, Text, Vision
from .errors import ModelError

OFFLINE = "offline"
_FILE = Path(__file__).with_name("registry.toml")
_Hex = Annotated[str, Field(pattern="^[0-9a-f]+$")]


class UnknownModelError(ModelError):
    """No entry has this name."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HubFile(_Strict):
    """One file of a model hub at a commit, with its checksum."""

    repository: str
    revision: Annotated[_Hex, Field(min_length=40, max_length=40)]
    """A commit, which never changes."""
    path: str
    sha256: Annotated[_Hex, Field(min_length=64, max_length=64)]
    size: int
    """Bytes."""

    @property
    def source(self) -> Source:
        """The entry of the manifest."""
        name = f"{self.repository}/{self.path}"
        return Source(name=name, url=self.repository, revision=self.revision, sha256=self.sha256)


class Entry(_Strict):
    """One model."""

    title: str
    licence: str
    figure: str
    """The quality that its authors published."""
    minutes: int
    """The duration of a build on two cores, without the download."""
    dimension: int
    resize: Resize
    checkpoint: HubFile
    """A safetensors file in the layout of transformers or of open_clip."""
    tokenizer: HubFile
    vision: Vision
    text: Text

    @property
    def architecture(self) -> Architecture:
        """The architecture that its graphs are made for."""
        return Architecture(self.vision, self.text, self.dimension)


@cache
def entries() -> dict[str, Entry]:
    """Every entry by its name.

    Raises:
        pydantic.ValidationError: names the field that is missing or wrong.
    """
    return TypeAdapter(dict[str, Entry]).validate_python(tomllib.loads(_FILE.read_text()))


def entry(name: str) -> Entry:
    """One entry.

    Raises:
        UnknownModelError: there is none; the message lists the models.
    """
    try:
        return entries()[name]
    except KeyError:
        known = ", ".join([OFFLINE, *entries()])
        raise UnknownModelError(f"there is no model {name!r}; there are {known}") from None
