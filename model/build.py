"""Any model of the registry as a bundle: downloaded, built, measured, written."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from image_search.bundle import MANIFEST, Manifest, load_directory
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import BundleError

from . import bundle_writer
from .bundle_writer import Model
from .clip.checkpoint import read_parameters
from .clip.precisions import PrecisionName, Processor, runs_here
from .clip.tokenizer import clip_tokenizer, serialised
from .download import FOLDER, download, missing_bytes
from .errors import ModelError
from .offline.build import build as build_offline
from .registry import OFFLINE, Entry, entry
from .samples import SAMPLES, ImageInput, sample_images
from .trial import Chosen, Progress, Trial, precision_of

# A part of every recipe; a new number makes every bundle be built again.
_RECIPE = 2
# The least cosine of the self-test on a processor that this machine cannot imitate. A processor
# that saturates stays below it.
_LEAST_ELSEWHERE = 0.95
_FREE_BESIDES = 200 * 2**20  # bytes


def build(
    name: str,
    out: Path,
    progress: Progress,
    processor: Processor = "arm64",
    precision: PrecisionName | None = None,
) -> Path:
    """Write the bundle of one model below `out` unless it is there; return its directory.

    Each tower gets the fastest precision that is right on the processor and near enough to full
    precision, or the one that is asked for.

    Raises:
        UnknownModelError: the registry has no such model.
        DownloadError: a file cannot be downloaded, or its checksum is not the registry's.
        ModelError: the disk is too small, or a file does not fit its entry.
    """
    if name == OFFLINE:
        return build_offline(out, progress)
    model, directory = entry(name), out / f"{name}-{processor}"
    recipe = f"python -m model {name} --processor {processor}, recipe {_RECIPE}"
    recipe += f", --precision {precision}" if precision else ""
    sources = [file.source for file in (model.checkpoint, model.tokenizer)]
    if made := bundle_writer.up_to_date(directory, recipe, sources):
        progress(f"{made.id} is already in {directory}")
        return directory
    trial = load(model, out, progress)
    chosen = [
        trial.asked_for(tower, precision, progress)
        if precision
        else trial.chosen(tower, processor, progress)
        for tower in trial.towers
    ]
    facts = {"name": name, "processor": processor, "recipe": recipe, "sources": sources}
    manifest = write(directory, model, trial, chosen, facts)
    _check(directory, chosen, progress)
    progress(f"wrote {manifest.id} to {directory}")
    return directory


def write(
    directory: Path,
    model: Entry,
    trial: Trial,
    chosen: Sequence[Chosen],
    facts: Mapping[str, object],
) -> Manifest:
    """Write the bundle of the chosen precisions.

    `facts` are its name, processor, recipe and sources.
    """
    tokenizer, (image, text) = serialised(trial.tokenizer), trial.towers
    facts = {
        **facts,
        "precision": precision_of(chosen),
        "context_length": model.text.context,
        "fidelity": {"image": chosen[0].fidelity, "text": chosen[1].fidelity},
        "licence": model.licence,
        "notice": "",
    }
    exact = Model(image.model("fp32"), text.model("fp32"), tokenizer)
    served = Model(chosen[0].model, chosen[1].model, tokenizer)
    least = None if _runs_here(chosen) else _LEAST_ELSEWHERE
    return bundle_writer.write(directory, exact, served, trial.shown, trial.images, facts, least)


def _runs_here(chosen: Sequence[Chosen]) -> bool:
    return all(runs_here(one.fidelity.precision) for one in chosen)


def _check(directory: Path, chosen: Sequence[Chosen], progress: Progress) -> None:
    """Load the bundle as the functions do, with its self-test; one that fails is discarded."""
    bundle = load_directory(directory)
    try:
        ImageEncoder(bundle)
        TextEncoder(bundle)
    except BundleError as error:
        if not _runs_here(chosen):
            progress(f"the bundle is for another processor; on this machine {error}")
            return
        (directory / MANIFEST).unlink()
        raise


def load(model: Entry, out: Path, progress: Progress) -> Trial:
    """Load the checkpoint and the tokenizer of an entry, downloaded if they are missing."""
    files = [model.checkpoint, model.tokenizer]
    missing = missing_bytes(files)
    progress(
        f"{model.title}: licence {model.licence}, {model.figure} (published); {missing >> 20} MB "
        f"to download, then about {model.minutes} minutes"
    )
    _require_space({FOLDER: missing, out: model.checkpoint.size})
    return trial_of(model, *(download(file) for file in files))


def trial_of(model: Entry, checkpoint: Path, tokenizer: Path) -> Trial:
    """Read the model of an entry from its files.

    Raises:
        ModelError: a file does not fit the entry.
    """
    return Trial(
        read_parameters(checkpoint, model.architecture),
        model.architecture,
        ImageInput(model.vision.image_size, model.resize),
        sample_images(SAMPLES),
        clip_tokenizer(tokenizer.read_text(), model.text.context),
    )


def _require_space(needed: Mapping[Path, int]) -> None:
    """Check that every disk has room for its folders; a bundle is no larger than its checkpoint."""
    disks: dict[int, list[Path]] = {}
    for folder in needed:
        folder.mkdir(parents=True, exist_ok=True)
        disks.setdefault(folder.stat().st_dev, []).append(folder)
    for folders in disks.values():
        wanted = sum(needed[folder] for folder in folders) + _FREE_BESIDES
        free = shutil.disk_usage(folders[0]).free
        if free < wanted:
            raise ModelError(
                f"the disk of {' and '.join(map(str, folders))} has {free >> 20} MB left, "
                f"{wanted >> 20} MB are needed"
            )
