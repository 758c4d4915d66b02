"""Measures the precisions of both towers, and chooses the fastest that is near enough."""

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

# Crops of each photograph in the measurement. More change the figures in the third digit.
_CROPS = 2
# Measured in place of a precision that this machine cannot compute, and no nearer than that one.
_STAND_IN: PrecisionName = "int8-reduced"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Split:
    """The feeds that a tower's scales are taken from, and those that it is measured on."""

    calibration: Sequence[Feed]
    unseen: Sequence[Feed]


@dataclass(frozen=True)
class Chosen:
    """A tower in the precision that it is served in."""

    model: onnx.ModelProto
    fidelity: Fidelity


@dataclass(frozen=True)
class Trial:
    """Both towers of a model, and the samples, of which every second one calibrates."""

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
        """The feeds of each tower, by its name."""
        seen = image_feeds(self.shown.stacked(self.images[::2]))
        unseen = self.shown.stacked(with_crops(self.images[1::2], _CROPS))
        texts = text_feeds(self.tokenizer.encode(caption).ids for caption in captions())
        return {
            "image": Split(seen, image_feeds(unseen)),
            "text": Split(texts[::2], texts[1::2]),
        }

    @cached_property
    def exact(self) -> dict[str, Vectors]:
        """The vectors of the unseen feeds in full precision, by the name of the tower."""
        return {t.name: embed(t.model("fp32"), self.splits[t.name].unseen) for t in self.towers}

    def built(self, tower: Tower, precision: PrecisionName) -> onnx.ModelProto:
        """Build a tower in a precision."""
        return tower.model(precision, self.splits[tower.name].calibration)

    def measured(self, tower: Tower, model: onnx.ModelProto) -> Measured:
        """Measure how near a tower is to full precision."""
        got = embed(model, self.splits[tower.name].unseen)
        images = self.exact["image"] if tower.name == "text" else None
        return measure(self.exact[tower.name], got, images)

    def tried(self, tower: Tower, precision: PrecisionName) -> tuple[onnx.ModelProto, Measured]:
        """Build a tower in a precision, and measure how near it is."""
        model = self.built(tower, precision)
        if runs_here(precision):
            return model, self.measured(tower, model)
        return model, self.measured(tower, self.built(tower, _STAND_IN))

    def chosen(self, tower: Tower, processor: Processor, progress: Progress) -> Chosen:
        """Choose the fastest precision within the limits; full precision always is."""
        for precision in candidates(processor):
            model, measured = self.tried(tower, precision)
            progress(f"{tower.name} tower, {precision}: {measured}")
            if measured.passes:
                break
        reason = f"the fastest within the limits for {processor}: {LIMITS}"
        return Chosen(model, measured.as_fidelity(precision, reason))

    def asked_for(self, tower: Tower, precision: PrecisionName, progress: Progress) -> Chosen:
        """Take one precision, even if it is not within the limits."""
        model, measured = self.tried(tower, precision)
        within = "within" if measured.passes else "NOT WITHIN"
        progress(f"{tower.name} tower, {precision}: {measured}, {within} the limits ({LIMITS})")
        return Chosen(model, measured.as_fidelity(precision, "asked for"))


def precision_of(chosen: Sequence[Chosen]) -> str:
    """One name for the precisions of both towers."""
    names = {one.fidelity.precision for one in chosen}
    return names.pop() if len(names) == 1 else "mixed"
