"""Measures the precisions of both towers, and takes the fastest that is near enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import onnx
from PIL import Image
from tokenizers import Tokenizer

from image_search.bundle import Fidelity

from .clip.architecture import Architecture
from .clip.parameters import Parameters
from .clip.precisions import PrecisionName, Processor, candidates, runs_here
from .clip.tower import Tower, image_tower, text_tower
from .fidelity import LIMITS, Measured, measure
from .samples import ImageInput, captions, with_crops
from .sessions import Feed, Vectors, embed, image_feeds, text_feeds

# Of each photograph that is measured on. More change the figures in the third digit.
_CROPS = 2
# What is measured where this machine cannot compute the precision itself: it is no nearer.
_STAND_IN: PrecisionName = "int8-reduced"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Split:
    """What a tower's scales are taken from, and what it is measured on."""

    calibration: Sequence[Feed]
    unseen: Sequence[Feed]


@dataclass(frozen=True)
class Chosen:
    """A tower in the precision that it is served in."""

    model: onnx.ModelProto
    fidelity: Fidelity


@dataclass(frozen=True)
class Trial:
    """Both towers of a model and the samples, of which each second one calibrates."""

    parameters: Parameters
    architecture: Architecture
    shown: ImageInput
    images: Sequence[Image.Image] = field(repr=False)
    tokenizer: Tokenizer = field(repr=False)

    @property
    def towers(self) -> tuple[Tower, Tower]:
        """The image and the text tower."""
        made = self.parameters, self.architecture
        return image_tower(*made), text_tower(*made)

    @cached_property
    def splits(self) -> dict[str, Split]:
        """By the towers' names."""
        seen = image_feeds(self.shown.stacked(self.images[::2]))
        unseen = self.shown.stacked(with_crops(self.images[1::2], _CROPS))
        texts = text_feeds(self.tokenizer.encode(caption).ids for caption in captions())
        return {
            "image": Split(seen, image_feeds(unseen)),
            "text": Split(texts[::2], texts[1::2]),
        }

    @cached_property
    def exact(self) -> dict[str, Vectors]:
        """The vectors in full precision of what is measured on."""
        return {t.name: embed(t.model("fp32"), self.splits[t.name].unseen) for t in self.towers}

    def built(self, tower: Tower, precision: PrecisionName) -> onnx.ModelProto:
        """A tower in a precision."""
        return tower.model(precision, self.splits[tower.name].calibration)

    def measured(self, tower: Tower, model: onnx.ModelProto) -> Measured:
        """How near a tower comes to full precision."""
        got = embed(model, self.splits[tower.name].unseen)
        images = self.exact["image"] if tower.name == "text" else None
        return measure(self.exact[tower.name], got, images)

    def tried(self, tower: Tower, precision: PrecisionName) -> tuple[onnx.ModelProto, Measured]:
        """A tower in a precision, and how near it is."""
        model = self.built(tower, precision)
        if runs_here(precision):
            return model, self.measured(tower, model)
        return model, self.measured(tower, self.built(tower, _STAND_IN))

    def chosen(self, tower: Tower, processor: Processor, progress: Progress) -> Chosen:
        """The fastest precision within the limits; full precision always is."""
        for precision in candidates(processor):
            model, measured = self.tried(tower, precision)
            progress(f"{tower.name} tower, {precision}: {measured}")
            if measured.passes:
                break
        reason = f"the fastest within the limits for {processor}: {LIMITS}"
        return Chosen(model, measured.as_fidelity(precision, reason))

    def asked_for(self, tower: Tower, precision: PrecisionName, progress: Progress) -> Chosen:
        """One precision, whatever it does."""
        model, measured = self.tried(tower, precision)
        within = "within" if measured.passes else "NOT WITHIN"
        progress(f"{tower.name} tower, {precision}: {measured}, {within} the limits ({LIMITS})")
        return Chosen(model, measured.as_fidelity(precision, "asked for"))


def precision_of(chosen: Sequence[Chosen]) -> str:
    """One word for both towers' precisions."""
    names = {one.fidelity.precision for one in chosen}
    return names.pop() if len(names) == 1 else "mixed"
