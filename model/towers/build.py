"""Both towers of a model in one precision."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray

from .architecture import Architecture
from .balance import balanced, factors, pairs
from .calibration import Feed, Observed, embed, observe
from .graph import Graph
from .linear import Fp32, Precision
from .parameters import Parameters, checked
from .photographs import photographs
from .quantise import FULL, REDUCED, Int8, Int8Weights, Levels
from .recipes import KEPT, STRENGTHS, PrecisionName
from .text import text_graph
from .vision import vision_graph

# Spread over the folder's kinds; each takes about 0.1 s in full precision.
_CALIBRATION_PICTURES = 64

Towers: TypeAlias = tuple[onnx.ModelProto, onnx.ModelProto]
Builder: TypeAlias = Callable[[Parameters, Architecture, Precision], Graph]
Tokens: TypeAlias = Sequence[Sequence[int]]


def build_towers(
    parameters: Parameters,
    architecture: Architecture,
    precision: PrecisionName,
    samples: Path,
    texts: Tokens,
) -> Towers:
    """The vision and the text tower.

    `samples` is a folder of photographs and `texts` are sentences as token ids, start and end
    included: static scales are taken from them. `captions.captions()` has sentences to tokenise.

    Raises:
        ParameterError: the parameters do not fit the architecture.
        FileNotFoundError: the folder holds no picture.
    """
    fitting = checked(parameters, architecture)
    if precision == "fp32":
        return reference_towers(fitting, architecture)
    if precision == "int8-weights":
        return _towers(fitting, architecture, Int8Weights())
    levels = REDUCED if precision == "int8-reduced" else FULL
    pictures = photographs(samples, architecture.vision.image_size, limit=_CALIBRATION_PICTURES)
    vision = static_int8(vision_tower(architecture), fitting, picture_feeds(pictures), levels)
    return vision, static_int8(text_tower(architecture), fitting, text_feeds(texts), levels)


def reference_towers(parameters: Parameters, architecture: Architecture) -> Towers:
    """Both towers in full precision."""
    return _towers(checked(parameters, architecture), architecture, Fp32())


def _towers(parameters: Parameters, architecture: Architecture, precision: Precision) -> Towers:
    vision = vision_graph(parameters, architecture, precision).model()
    return vision, text_graph(parameters, architecture, precision).model()


@dataclass(frozen=True)
class Tower:
    """One of both towers, as a calibration needs it."""

    architecture: Architecture
    build: Builder
    prefix: str
    layers: int

    def graph(self, parameters: Parameters, precision: Precision) -> Graph:
        """The tower's graph."""
        return self.build(parameters, self.architecture, precision)


def vision_tower(architecture: Architecture) -> Tower:
    """Pixels to vectors."""
    layers = architecture.vision.layers
    return Tower(architecture, vision_graph, "vision_model", layers)


def text_tower(architecture: Architecture) -> Tower:
    """Token ids to vectors."""
    layers = architecture.text.layers
    return Tower(architecture, text_graph, "text_model", layers)


def picture_feeds(pixels: NDArray[np.uint8]) -> list[Feed]:
    """One picture at a time, of uint8 (n, size, size, 3)."""
    return [{"pixels": picture[None]} for picture in pixels]


def text_feeds(texts: Tokens) -> list[Feed]:
    """One sentence at a time, each at its own length."""
    return [{"input_ids": np.array([ids], np.int64)} for ids in texts]


def static_int8(
    tower: Tower, parameters: Parameters, feeds: Sequence[Feed], levels: Levels = FULL
) -> onnx.ModelProto:
    """Calibrate a tower on feeds and build it in static eight-bit integers.

    How much magnitude to balance is tried: the vectors nearest to full precision win.
    """
    reference = Fp32()
    graph = tower.graph(parameters, reference)
    expected = embed(graph.model(), feeds)
    observed = observe(graph, reference, feeds)
    candidates = (
        _balanced_int8(tower, parameters, observed, strength, levels) for strength in STRENGTHS
    )
    return max(candidates, key=lambda model: float(np.vdot(embed(model, feeds), expected)))


def _balanced_int8(
    tower: Tower,
    parameters: Parameters,
    observed: Mapping[str, Observed],
    strength: float,
    levels: Levels,
) -> onnx.ModelProto:
    places = list(pairs(tower.prefix, tower.layers))
    divisors = factors(parameters, places, observed, strength)
    ranges = {
        name: (seen.divided(divisors[name]) if name in divisors else seen).range
        for name, seen in observed.items()
    }
    precision = Int8(ranges, levels, KEPT)
    return tower.graph(balanced(parameters, places, divisors), precision).model()
