"""What can be built: `registry.toml` as typed, validated entries."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from image_search.bundle import Resize

from .towers.architecture import Activation, Architecture, Text, Vision

_FILE = Path(__file__).with_name("registry.toml")


class UnknownModelError(Exception):
    """No entry has this name."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HubFile(_Strict):
    """One file of a model hub at a commit, with its checksum."""

    repository: str
    revision: str
    path: str
    sha256: str


class ImageRule(_Strict):
    """How the model was shown its pictures."""

    size: int
    """Pixels, of both sides."""
    resize: Resize
    interpolation: Literal["bicubic", "bilinear"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    """Of channels in 0…1."""


class Tower(_Strict):
    """The shape of a transformer whose parameters are CLIP's."""

    layers: int
    width: int
    heads: int
    mlp: int
    activation: Activation


class Entry(_Strict):
    """One model."""

    title: str
    licence: str
    dimension: int
    context_length: int
    duplicate_threshold: float
    image: ImageRule
    vision: HubFile
    text: HubFile
    tokenizer: HubFile
    padding_id: int | None = None
    """Set for an export that takes exactly `context_length` tokens."""
    vision_tower: Tower | None = None
    text_tower: Tower | None = None
    """Set for a model that is rebuilt as hand-shaped graphs."""

    @property
    def architecture(self) -> Architecture | None:
        """What the hand-shaped graphs are made for; None for a model that is served as exported."""
        if self.vision_tower is None or self.text_tower is None:
            return None
        image = self.image
        vision = Vision(
            **self.vision_tower.model_dump(), image_size=image.size, mean=image.mean, std=image.std
        )
        text = Text(**self.text_tower.model_dump(), context=self.context_length)
        return Architecture(vision, text, self.dimension)


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
        UnknownModelError: there is none; the message lists what there is.
    """
    try:
        return entries()[name]
    except KeyError:
        known = ", ".join(["offline", *entries()])
        raise UnknownModelError(f"there is no model {name!r}; there are {known}") from None
