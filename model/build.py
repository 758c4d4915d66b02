"""Any model of the registry as a bundle: downloaded, built, checked against itself, written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx
from tokenizers import Tokenizer

from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder, TextEncoder

from . import bundle_writer
from .bundle_writer import Description, Model, SelfTest, Source
from .download import download
from .export import with_pixel_input, with_token_input
from .narrow import with_8_bit_weights
from .offline.build import build as build_offline
from .registry import Entry, HubFile, entry
from .towers.build import Towers, build_towers, reference_towers
from .towers.captions import captions
from .towers.export import parameters_from_onnx

OFFLINE = "offline"
SAMPLES = Path(__file__).parents[1] / "samples"
_SELF_TEST = SelfTest(
    image=(Path(__file__).parent / "offline" / "self_test.jpg").read_bytes(),
    text="a close-up of a tabby cat",
    # Of a quantised tower to its own full precision: 8-bit recipes keep more than .99, and a
    # processor that saturates falls far below.
    minimum_cosine=0.97,
)


@dataclass(frozen=True)
class _Files:
    """What an entry names, on this machine."""

    vision: Path
    text: Path
    tokenizer: Path


def build(name: str, out: Path, progress: Callable[[str], None]) -> Path:
    """Write the bundle of one model to `out`/`name` unless it is there; return its directory.

    Raises:
        UnknownModelError: the registry has no such model.
        DownloadError: a file cannot be had, or is another than the registry says.
        BundleError: the built model is wrong on this processor.
    """
    if name == OFFLINE:
        return build_offline(out, progress)
    model = entry(name)
    directory, description = out / name, _describe(name, model)
    if identity := bundle_writer.up_to_date(directory, description):
        progress(f"{identity} is already in {directory}")
        return directory
    progress(f"downloading {model.title}")
    files = _Files(download(model.vision), download(model.text), download(model.tokenizer))
    progress("building and quantising, about a minute")
    reference, served = _models(model, files)
    identity = bundle_writer.write(directory, served, reference, description, _SELF_TEST)
    _check(directory)
    progress(f"wrote {identity} to {directory}")
    return directory


def _models(model: Entry, files: _Files) -> tuple[Model, Model]:
    """The model in full precision, and as it is served."""
    tokenizer = _tokenizer(model, files.tokenizer)
    make = _exported if model.architecture is None else _rebuilt
    reference, served = make(model, files, tokenizer)
    written = tokenizer.to_str()
    return Model(*reference, written), Model(*served, written)


def _exported(model: Entry, files: _Files, _: Tokenizer) -> tuple[Towers, Towers]:
    def read() -> Towers:
        vision = with_pixel_input(onnx.load(files.vision), model.image)
        return vision, with_token_input(onnx.load(files.text))

    vision, text = read()
    return read(), (with_8_bit_weights(vision), with_8_bit_weights(text))


def _rebuilt(model: Entry, files: _Files, tokenizer: Tokenizer) -> tuple[Towers, Towers]:
    architecture = model.architecture
    assert architecture is not None  # noqa: S101 (the caller looked)
    parameters = parameters_from_onnx([files.vision, files.text], architecture)
    texts = [tokenizer.encode(caption).ids for caption in captions()]
    served = build_towers(parameters, architecture, "int8", SAMPLES, texts)
    return reference_towers(parameters, architecture), served


def _tokenizer(model: Entry, path: Path) -> Tokenizer:
    """The tokenizer, cut to the context and padded where the export needs it."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(model.context_length)
    tokenizer.no_padding()
    if model.padding_id is not None:
        tokenizer.enable_padding(pad_id=model.padding_id, length=model.context_length)
    return tokenizer


def _describe(name: str, model: Entry) -> Description:
    precision = "int8" if model.architecture else "int8-weights"
    return Description(
        name=name,
        precision=precision,
        dimension=model.dimension,
        image_size=model.image.size,
        resize=model.image.resize,
        interpolation=model.image.interpolation,
        context_length=model.context_length,
        duplicate_threshold=model.duplicate_threshold,
        licence=model.licence,
        notice="",
        recipe=f"python -m model build {name}, {precision}",
        sources=tuple(_source(file) for file in (model.vision, model.text, model.tokenizer)),
    )


def _source(file: HubFile) -> Source:
    return Source(f"{file.repository}/{file.path}", file.repository, file.revision, file.sha256)


def _check(directory: Path) -> None:
    """Load it as it will be loaded: that is the self-test."""
    bundle = load_directory(directory)
    ImageEncoder(bundle)
    TextEncoder(bundle)
