"""From a checkpoint to a bundle on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from image_search.bundle import MANIFEST, Manifest, load_directory
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import BundleError

from . import bundle_writer
from .bundle_writer import Model
from .clip.checkpoint import read_parameters
from .clip.precisions import runs_here
from .clip.tokenizer import clip_tokenizer, serialised
from .ranges import measured_ranges
from .registry import Entry
from .samples import SAMPLES, ImageInput, sample_images
from .trial import Chosen, Progress, Trial, precision_of

_SELF_TEST_IMAGE = Path(__file__).parent / "offline" / "self_test.jpg"
_SELF_TEST_TEXT = "a close-up of a tabby cat"
# For a processor that this machine is not: one that saturates falls below.
_LEAST_ELSEWHERE = 0.95


def trial_of(model: Entry, checkpoint: Path, tokenizer: Path) -> Trial:
    """An entry's model, read from its files.

    Raises:
        ModelError: a file is not what the entry says.
    """
    return Trial(
        read_parameters(checkpoint, model.architecture),
        model.architecture,
        ImageInput(model.vision.image_size, model.resize),
        sample_images(SAMPLES),
        clip_tokenizer(tokenizer.read_text(), model.text.context),
    )


def write(
    directory: Path,
    model: Entry,
    trial: Trial,
    chosen: Sequence[Chosen],
    described: Mapping[str, object],
) -> Manifest:
    """Write the bundle of what was chosen; `described` is its name, processor, recipe, sources."""
    tokenizer = serialised(trial.tokenizer)
    vision, text = (tower.model("fp32") for tower in trial.towers)
    exact = Model(vision, text, tokenizer)
    vision, text = (one.model for one in chosen)
    served = Model(vision, text, tokenizer)
    image = _SELF_TEST_IMAGE.read_bytes()
    least = None if _runs_here(chosen) else _LEAST_ELSEWHERE
    scores, threshold = measured_ranges(served, trial.shown, trial.images)
    return bundle_writer.write(
        directory,
        served,
        {
            **described,
            "precision": precision_of(chosen),
            "dimension": model.dimension,
            "image_size": trial.shown.size,
            "resize": trial.shown.resize,
            "interpolation": trial.shown.interpolation,
            "context_length": model.text.context,
            "duplicate_threshold": threshold,
            "fidelity": {
                tower.name: one.fidelity for tower, one in zip(trial.towers, chosen, strict=True)
            },
            "scores": scores,
            "licence": model.licence,
            "notice": "",
            "self_test": bundle_writer.self_test(
                exact, served, trial.shown, image, _SELF_TEST_TEXT, least
            ),
        },
    )


def _runs_here(chosen: Sequence[Chosen]) -> bool:
    return all(runs_here(one.fidelity.precision) for one in chosen)  # type: ignore[arg-type]


def check(directory: Path, chosen: list[Chosen], progress: Progress) -> None:
    """Load it as it will be loaded: that is the self-test. One that fails is not complete."""
    bundle = load_directory(directory)
    try:
        ImageEncoder(bundle)
        TextEncoder(bundle)
    except BundleError as error:
        if not _runs_here(chosen):
            progress(f"it is for another processor than this machine's, where {error}")
            return
        (directory / MANIFEST).unlink()
        raise
