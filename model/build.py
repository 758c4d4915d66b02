"""Any model of the registry as a bundle: downloaded, built, measured, written."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from . import bundle_writer
from .bundling import check, trial_of, write
from .clip.precisions import PrecisionName, Processor
from .download import FOLDER, download, missing_bytes
from .errors import ModelError
from .offline.build import build as build_offline
from .registry import OFFLINE, Entry, entry
from .trial import Progress, Trial

# Part of every recipe: another number builds bundles again.
_RECIPE = 2
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
        DownloadError: a file cannot be had, or is another than the registry says.
        ModelError: the disk is too small, or a file is not what its entry says.
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
    described = {"name": name, "processor": processor, "recipe": recipe, "sources": sources}
    manifest = write(directory, model, trial, chosen, described)
    check(directory, chosen, progress)
    progress(f"wrote {manifest.id} to {directory}")
    return directory


def load(model: Entry, out: Path, progress: Progress) -> Trial:
    """An entry's checkpoint and tokenizer with the samples, downloaded if they are not there."""
    files = [model.checkpoint, model.tokenizer]
    missing = missing_bytes(files)
    progress(
        f"{model.title}: licence {model.licence}, {model.figure} (published); {missing >> 20} MB "
        f"to download, then about {model.minutes} minutes"
    )
    _require_space({FOLDER: missing, out: model.checkpoint.size})
    return trial_of(model, *(download(file) for file in files))


def _require_space(needed: Mapping[Path, int]) -> None:
    """Check every disk for all that goes there; a bundle is no larger than its checkpoint."""
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
