"""A model ready to serve: `vision.onnx`, `text.onnx`, `tokenizer.json` and `model.json`.

`model.json` is the manifest: it describes the model and its origin, and holds the checksums and the
self-test that the model must pass before it serves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from image_search.errors import BundleError

MANIFEST = "model.json"
Resize = Literal["shortest_side", "squash"]


@dataclass(frozen=True)
class Source:
    """One input of the build: its origin, and the checksum of the file that was used."""

    name: str
    url: str
    revision: str
    sha256: str


@dataclass(frozen=True)
class SelfTest:
    """One image and one sentence with their full-precision vectors.

    A quantised model can be silently wrong on a processor for which it was not built; a cosine
    below `minimum_cosine` reveals this before it serves.
    """

    image: str
    """A JPEG, base64."""
    text: str
    image_vector: list[float]
    text_vector: list[float]
    minimum_cosine: float


@dataclass(frozen=True)
class Fidelity:
    """How near a tower comes to its own full precision.

    Over images and captions that no scale was taken from.
    """

    precision: str
    cosine_mean: float
    cosine_worst: float
    top_ten: float
    """Share of the ten nearest images that stay the same."""
    reason: str
    """Why this precision was chosen."""


@dataclass(frozen=True)
class ScoreRange:
    """Cosines of one kind of query, as the build measured them on the sample images."""

    best: float
    """The cosine of the best match, in the best tenth of queries."""
    typical: float
    """The median cosine of the best match of a query."""
    certain: float
    """One arbitrary image in 50 scores higher for words, one in ten for images; matches below are
    less certain."""
    unrelated: float
    """The median cosine of arbitrary images."""


@dataclass(frozen=True)
class Scores:
    """What scores mean: words and images have different ranges, and so has each model."""

    words: ScoreRange
    images: ScoreRange


@dataclass(frozen=True)
class Manifest:
    """The contents of `model.json`."""

    id: str
    """`<name>-<precision>-<8 hex of the content hash>`."""
    name: str
    precision: str
    processor: str
    """The processor that it is built for: arm64, x86-64, x86-64-vnni or any."""
    dimension: int
    image_size: int
    resize: Resize
    interpolation: str
    context_length: int
    """Tokens that the text tower reads, including special ones."""
    duplicate_threshold: float
    """Images with a higher cosine may be duplicates."""
    fidelity: dict[Literal["image", "text"], Fidelity]
    scores: Scores
    licence: str
    notice: str
    """A notice for people who search with this model; may be empty."""
    sources: list[Source]
    recipe: str
    files: dict[str, str]
    """SHA-256 of each file, by name."""
    self_test: SelfTest


@dataclass(frozen=True)
class Bundle:
    """A manifest and the files that it lists."""

    manifest: Manifest
    _read: Callable[[str], bytes]

    def read(self, name: str) -> bytes:
        """The bytes of one file.

        Raises:
            BundleError: the checksum of the file differs from the manifest.
        """
        data = self._read(name)
        got, expected = hashlib.sha256(data).hexdigest(), self.manifest.files[name]
        if got != expected:
            raise BundleError(
                f"{name} of bundle {self.manifest.id} has the SHA-256 {got}, its manifest says "
                f"{expected}; build and upload the bundle again"
            )
        return data


def load(read: Callable[[str], bytes]) -> Bundle:
    """Load a bundle; `read` returns the bytes of a file by its name."""
    return Bundle(msgspec.json.decode(read(MANIFEST), type=Manifest), read)


def load_directory(directory: Path) -> Bundle:
    """Load a bundle from a directory."""
    return load(lambda name: (directory / name).read_bytes())
