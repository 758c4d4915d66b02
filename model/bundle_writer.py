"""Writes a bundle: the files, and a manifest that says what they are and what they must answer."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import onnx
from tokenizers import Tokenizer

from image_search import preprocess
from image_search.bundle import MANIFEST, Manifest, SelfTest, Source

from .samples import ImageInput
from .sessions import Vectors, embed, picture_feeds, text_feeds

VISION, TEXT, TOKENIZER = "vision.onnx", "text.onnx", "tokenizer.json"
_ROOM = 0.02


@dataclass(frozen=True)
class Model:
    """Both towers with their tokenizer."""

    vision: onnx.ModelProto
    text: onnx.ModelProto
    tokenizer: str

    def files(self) -> dict[str, bytes]:
        """The bundle's files by name; the same model always gives the same bytes."""
        return {
            VISION: self.vision.SerializeToString(deterministic=True),
            TEXT: self.text.SerializeToString(deterministic=True),
            TOKENIZER: self.tokenizer.encode(),
        }


def sha256(data: bytes) -> str:
    """Return the checksum in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def bundle_id(name: str, precision: str, checksums: Mapping[str, str]) -> str:
    """`<name>-<precision>-<8 hex>`: the same for the same files, wherever they are built."""
    content = json.dumps(sorted(checksums.items()))
    return f"{name}-{precision}-{sha256(content.encode())[:8]}"


def up_to_date(directory: Path, recipe: str, sources: list[Source]) -> Manifest | None:
    """The manifest of a directory's bundle if its files are whole and made from these inputs."""
    try:
        manifest = msgspec.json.decode((directory / MANIFEST).read_bytes(), type=Manifest)
        files = manifest.files.items()
        whole = all(sha256((directory / name).read_bytes()) == sum_ for name, sum_ in files)
    except (
        FileNotFoundError,
        msgspec.ValidationError,
    ):  # also one of another version of this project
        return None
    made_so = (manifest.recipe, manifest.sources) == (recipe, sources)
    return manifest if whole and made_so else None


def write(directory: Path, model: Model, described: Mapping[str, Any]) -> Manifest:
    """Write a bundle; `described` is the manifest without the checksums and the id.

    The manifest comes last, so that an interrupted build leaves nothing that looks finished.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MANIFEST).unlink(missing_ok=True)
    files = model.files()
    for name, data in files.items():
        (directory / name).write_bytes(data)
    checksums = {name: sha256(data) for name, data in files.items()}
    identity = bundle_id(described["name"], described["precision"], checksums)
    manifest = Manifest(id=identity, files=checksums, **described)
    (directory / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def self_test(
    exact: Model, served: Model, shown: ImageInput, image: bytes, text: str, least: float | None
) -> SelfTest:
    """A picture (JPEG) and a sentence with the vectors of the model in full precision.

    Without a least cosine it is what the served model reaches here, with some room for processors
    that add up in another order.
    """
    expected, got = (_answers(model, shown, image, text) for model in (exact, served))
    reached = min(float(a @ b) for a, b in zip(expected, got, strict=True))
    image_vector, text_vector = (vector.round(7).tolist() for vector in expected)
    return SelfTest(
        image=base64.b64encode(image).decode(),
        text=text,
        image_vector=image_vector,
        text_vector=text_vector,
        minimum_cosine=round(reached - _ROOM, 3) if least is None else least,
    )


def _answers(model: Model, shown: ImageInput, image: bytes, text: str) -> tuple[Vectors, Vectors]:
    pixels = shown.pixels(preprocess.decode(image).image)[None]
    ids = Tokenizer.from_str(model.tokenizer).encode(text).ids
    return embed(model.vision, picture_feeds(pixels))[0], embed(model.text, text_feeds([ids]))[0]
