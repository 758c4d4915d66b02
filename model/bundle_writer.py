"""Writes a bundle: the files, and a manifest that says what they are and what they must answer."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from image_search import preprocess
from image_search.bundle import Resize

VISION, TEXT, TOKENIZER, MANIFEST = "vision.onnx", "text.onnx", "tokenizer.json", "model.json"


@dataclass(frozen=True)
class Source:
    """One input of a build: where it is from, and the checksum of the file that was used."""

    name: str
    url: str
    revision: str
    sha256: str


@dataclass(frozen=True)
class Model:
    """Both towers with their tokenizer, as they are served."""

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


@dataclass(frozen=True)
class SelfTest:
    """A picture (JPEG bytes) and a sentence, to check a served model by."""

    image: bytes
    text: str
    minimum_cosine: float


@dataclass(frozen=True)
class Description:
    """The part of the manifest that people decide, as opposed to what is computed."""

    name: str
    precision: str
    dimension: int
    image_size: int
    resize: Resize
    interpolation: str
    context_length: int
    duplicate_threshold: float
    licence: str
    notice: str
    recipe: str
    sources: tuple[Source, ...]


def sha256(data: bytes) -> str:
    """Return the checksum in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def bundle_id(name: str, precision: str, checksums: Mapping[str, str]) -> str:
    """`<name>-<precision>-<8 hex>`: the same for the same files, wherever they are built."""
    content = json.dumps(sorted(checksums.items()))
    return f"{name}-{precision}-{sha256(content.encode())[:8]}"


def up_to_date(directory: Path, description: Description) -> str | None:
    """The id of the bundle in a directory if its files are whole and made from these inputs."""
    try:
        manifest = json.loads((directory / MANIFEST).read_text())
        whole = all(sha256((directory / f).read_bytes()) == h for f, h in manifest["files"].items())
    except FileNotFoundError:
        return None
    same = all(manifest.get(key) == value for key, value in _plain(description).items())
    return str(manifest["id"]) if whole and same else None


def write(
    directory: Path, model: Model, reference: Model, description: Description, self_test: SelfTest
) -> str:
    """Write a bundle and return its id; `reference` is the same model in full precision.

    The manifest comes last, so that an interrupted build leaves nothing that looks finished.
    """
    files = model.files()
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MANIFEST).unlink(missing_ok=True)
    for name, data in files.items():
        (directory / name).write_bytes(data)
    manifest = _manifest(files, description)
    manifest["self_test"] = _answers(reference, description, self_test)
    (directory / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    return str(manifest["id"])


def _manifest(files: Mapping[str, bytes], description: Description) -> dict[str, Any]:
    checksums = {name: sha256(data) for name, data in files.items()}
    identity = bundle_id(description.name, description.precision, checksums)
    return {"id": identity, **_plain(description), "files": checksums}


def _plain(description: Description) -> dict[str, Any]:
    return {**asdict(description), "sources": [asdict(source) for source in description.sources]}


def _answers(model: Model, description: Description, self_test: SelfTest) -> dict[str, Any]:
    """The self-test with the model's own vectors, as the manifest holds it."""
    files = model.files()
    picture = preprocess.decode(self_test.image).image
    pixels = preprocess.pixels(
        picture, description.image_size, description.interpolation, description.resize
    )[None]
    ids = np.array([Tokenizer.from_str(model.tokenizer).encode(self_test.text).ids], np.int64)
    return {
        "image": base64.b64encode(self_test.image).decode(),
        "text": self_test.text,
        "image_vector": _embed(files[VISION], "pixels", pixels),
        "text_vector": _embed(files[TEXT], "input_ids", ids),
        "minimum_cosine": self_test.minimum_cosine,
    }


def _embed(model: bytes, name: str, value: NDArray[Any]) -> list[float]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # more threads add up in another order
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return [round(float(x), 7) for x in session.run(["embedding"], {name: value})[0][0]]
