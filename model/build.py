"""Any model of the registry as a bundle: downloaded, built, checked against itself, written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx
from tokenizers import Tokenizer

from image_search.bundle import MANIFEST, load_directory
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import BundleError

from . import bundle_writer
from .bundle_writer import Description, Model, SelfTest, Source
from .download import download
from .export import with_pixel_input, with_token_input
from .narrow import with_8_bit_weights
from .offline.build import build as build_offline
from .registry import Entry, HubFile, entry
from .towers.architecture import Architecture
from .towers.build import Towers, build_towers, reference_towers
from .towers.captions import captions
from .towers.export import parameters_from_onnx
from .towers.recipes import RECIPES, PrecisionName, Processor

OFFLINE = "offline"
# Whatever the processor: nothing is multiplied before it is widened, or by rows of its own scale.
_EXPORTED_PRECISION: PrecisionName = "int8-weights"
SAMPLES = Path(__file__).parents[1] / "samples"
_SELF_TEST = SelfTest(
    image=(Path(__file__).parent / "offline" / "self_test.jpg").read_bytes(),
    text="a close-up of a tabby cat",
    # Of a quantised tower to its own full precision: 8-bit recipes keep more than .99, and a
    # processor that saturates falls far below.
    minimum_cosine=0.97,
)


@dataclass(frozen=True)
class Files:
    """What an entry names, on this machine."""

    vision: Path
    text: Path
    tokenizer: Path


def files_of(model: Entry) -> Files:
    """An entry's files, downloaded if they are not there.

    Raises:
        DownloadError: a file cannot be had, or is another than the registry says.
    """
    return Files(download(model.vision), download(model.text), download(model.tokenizer))


def build(
    name: str, out: Path, progress: Callable[[str], None], processor: Processor = "arm64"
) -> Path:
    """Write the bundle of one model to `out`/`name` unless it is there; return its directory.

    `processor` is where it will serve: which numbers are exact in 8 bits depends on it.

    Raises:
        UnknownModelError: the registry has no such model.
        DownloadError: a file cannot be had, or is another than the registry says.
        BundleError: the built model is wrong on this processor.
    """
    if name == OFFLINE:
        return build_offline(out, progress)
    model = entry(name)
    precision = RECIPES[processor] if model.architecture else _EXPORTED_PRECISION
    directory, description = out / name, _describe(name, model, precision)
    if identity := bundle_writer.up_to_date(directory, description):
        progress(f"{identity} is already in {directory}")
        return directory
    progress(f"downloading {model.title}")
    files = files_of(model)
    progress("building and quantising, about a minute")
    reference, served = _models(model, files, precision)
    identity = bundle_writer.write(directory, served, reference, description, _SELF_TEST)
    _check(directory)
    progress(f"wrote {identity} to {directory}")
    return directory


def _models(model: Entry, files: Files, precision: PrecisionName) -> tuple[Model, Model]:
    """The model in full precision, and as it is served."""
    tokenizer = tokenizer_of(model, files.tokenizer)
    if model.architecture is None:
        reference, served = exported(model, files)
    else:
        reference, served = _rebuilt(model.architecture, files, tokenizer, precision)
    written = tokenizer.to_str()
    return Model(*reference, written), Model(*served, written)


def exported(model: Entry, files: Files) -> tuple[Towers, Towers]:
    """Both towers as they were exported: in full precision, and with 8-bit weights."""

    def read() -> Towers:
        vision = with_pixel_input(onnx.load(files.vision), model.image)
        return vision, with_token_input(onnx.load(files.text))

    vision, text = read()
    return read(), (with_8_bit_weights(vision), with_8_bit_weights(text))


def _rebuilt(
    architecture: Architecture, files: Files, tokenizer: Tokenizer, precision: PrecisionName
) -> tuple[Towers, Towers]:
    parameters = parameters_from_onnx([files.vision, files.text], architecture)
    texts = [tokenizer.encode(caption).ids for caption in captions()]
    served = build_towers(parameters, architecture, precision, SAMPLES, texts)
    return reference_towers(parameters, architecture), served


def tokenizer_of(model: Entry, path: Path) -> Tokenizer:
    """The tokenizer, cut to the context and padded where the export needs it."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(model.context_length)
    tokenizer.no_padding()
    if model.padding_id is not None:
        tokenizer.enable_padding(pad_id=model.padding_id, length=model.context_length)
    return tokenizer


def _describe(name: str, model: Entry, precision: PrecisionName) -> Description:
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
        recipe=f"python -m model {name}, {precision}",
        sources=tuple(_source(file) for file in (model.vision, model.text, model.tokenizer)),
    )


def _source(file: HubFile) -> Source:
    return Source(f"{file.repository}/{file.path}", file.repository, file.revision, file.sha256)


def _check(directory: Path) -> None:
    """Load it as it will be loaded: that is the self-test. One that fails is not complete."""
    bundle = load_directory(directory)
    try:
        ImageEncoder(bundle)
        TextEncoder(bundle)
    except BundleError:
        (directory / MANIFEST).unlink()
        raise
