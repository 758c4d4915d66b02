"""Writes a bundle: the files, and a manifest with their checksums and their self-test."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import onnx
from PIL import Image
from tokenizers import Tokenizer

from image_search import decoding
from image_search.bundle import MANIFEST, Manifest, SelfTest, Source

from .ranges import measured_ranges
from .samples import ImageInput, captions
from .sessions import Vectors, embed, image_feeds, text_feeds

VISION, TEXT, TOKENIZER = "vision.onnx", "text.onnx", "tokenizer.json"
SELF_TEST_IMAGE = Path(__file__).parent / "offline" / "self_test.jpg"
_SELF_TEST_TEXT = "a close-up of a tabby cat"
# The cosine that processors may lose, which add up in another order.
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

    def texts(self, texts: Iterable[str]) -> Vectors:
        """Embed texts: (n, dimension)."""
        tokenizer = Tokenizer.from_str(self.tokenizer)
        return embed(self.text, text_feeds(tokenizer.encode(text).ids for text in texts))


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
    # The manifest may be of another version of this project.
    except (FileNotFoundError, msgspec.ValidationError):
        return None
    same_inputs = (manifest.recipe, manifest.sources) == (recipe, sources)
    return manifest if whole and same_inputs else None


def write(
    directory: Path,
    exact: Model,
    served: Model,
    shown: ImageInput,
    images: Sequence[Image.Image],
    facts: Mapping[str, Any],
    least_cosine: float | None = None,
) -> Manifest:
    """Write a bundle of the served model; `facts` are the manifest's fields that are not measured.

    The ranges of its scores are measured on the images. The self-test demands `least_cosine` to the
    exact model or, by default, a little less than the served model reaches here. The manifest is
    written last, so that an interrupted build leaves nothing that looks finished.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MANIFEST).unlink(missing_ok=True)
    files = served.files()
    for name, data in files.items():
        (directory / name).write_bytes(data)
    checksums = {name: sha256(data) for name, data in files.items()}
    test = self_test(exact, served, shown, least_cosine)
    scores, threshold = measured_ranges(served.texts(captions()), served.vision, shown, images)
    manifest = Manifest(
        id=bundle_id(facts["name"], facts["precision"], checksums),
        files=checksums,
        dimension=len(test.image_vector),
        image_size=shown.size,
        resize=shown.resize,
        interpolation=shown.interpolation,
        duplicate_threshold=threshold,
        scores=scores,
        self_test=test,
        **facts,
    )
    (directory / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def self_test(exact: Model, served: Model, shown: ImageInput, least: float | None) -> SelfTest:
    """An image and a sentence with the vectors of the model in full precision."""
    image = SELF_TEST_IMAGE.read_bytes()
    expected, got = (_answers(model, shown, image) for model in (exact, served))
    reached = min(float(a @ b) for a, b in zip(expected, got, strict=True))
    image_vector, text_vector = (vector.round(7).tolist() for vector in expected)
    return SelfTest(
        image=base64.b64encode(image).decode(),
        text=_SELF_TEST_TEXT,
        image_vector=image_vector,
        text_vector=text_vector,
        minimum_cosine=round(reached - _ROOM, 3) if least is None else least,
    )


def _answers(model: Model, shown: ImageInput, image: bytes) -> tuple[Vectors, Vectors]:
    pixels = shown.pixels(decoding.decode(image).image)[None]
    vision, text = embed(model.vision, image_feeds(pixels)), model.texts([_SELF_TEST_TEXT])
    return vision[0], text[0]
