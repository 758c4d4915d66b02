"""Both towers of a model in one precision."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx

from .architecture import Architecture
from .balance import balanced, sites
from .calibration import Feed, observe
from .graph import Graph
from .linear import Fp32, Precision
from .parameters import Parameters, checked
from .photographs import photographs
from .quantise import FULL_RANGE, REDUCED_RANGE, Int8, Int8Weights
from .recipes import KEPT, PrecisionName
from .text import text_graph
from .vision import vision_graph

# More change the ranges no longer; it takes about ten seconds.
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
    limit = REDUCED_RANGE if precision == "int8-reduced" else FULL_RANGE
    pictures = photographs(samples, architecture.vision.image_size, limit=_CALIBRATION_PICTURES)
    vision = static_int8(vision_tower(architecture), fitting, picture_feeds(pictures), limit)
    text = static_int8(text_tower(architecture), fitting, text_feeds(texts), limit)
    return vision, text


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
    projection: str

    def graph(self, parameters: Parameters, precision: Precision) -> Graph:
        """The tower's graph."""
        return self.build(parameters, self.architecture, precision)


def vision_tower(architecture: Architecture) -> Tower:
    """Pixels to vectors."""
    layers = architecture.vision.layers
    return Tower(architecture, vision_graph, "vision_model", layers, "visual_projection")


def text_tower(architecture: Architecture) -> Tower:
    """Token ids to vectors."""
    layers = architecture.text.layers
    return Tower(architecture, text_graph, "text_model", layers, "text_projection")


def picture_feeds(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Iterable[Feed]:
    """One picture at a time, of uint8 (n, size, size, 3)."""
    return ({"pixels": picture[None]} for picture in pixels)


def text_feeds(texts: Tokens) -> Iterable[Feed]:
    """One sentence at a time, each at its own length."""
    return ({"input_ids": np.array([ids], np.int64)} for ids in texts)


def static_int8(
    tower: Tower, parameters: Parameters, feeds: Iterable[Feed], limit: int = FULL_RANGE
) -> onnx.ModelProto:
    """Calibrate a tower on feeds and build it in static eight-bit integers."""
    reference = Fp32()
    observed = observe(tower.graph(parameters, reference), reference, feeds)
    places = sites(tower.prefix, tower.layers, tower.projection)
    weights, ranges = balanced(parameters, places, observed, limit)
    return tower.graph(weights, Int8(ranges, limit, KEPT)).model()
