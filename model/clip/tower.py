"""One tower of a model, in any precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import onnx

from ..graph import Graph
from ..sessions import Feed, embed
from .architecture import Architecture
from .calibration import Observed, observe
from .linear import Fp32, Precision
from .parameters import Parameters
from .precisions import LEVELS, PrecisionName, runs_here
from .quantise import REDUCED, Int8, Int8Weights, Levels
from .smoothing import pairs, smoothed, smoothing_factors
from .text import text_graph
from .vision import vision_graph

# The projection of the pooled token is less than 1 % of the weights and of no measurable time.
_KEPT = ("visual_projection", "text_projection")
# Shares of the magnitude that move from activations into weights. All are tried, because the best
# depends on how far a model's outliers reach.
_STRENGTHS = (0.5, 0.65, 0.8)

Builder: TypeAlias = Callable[[Parameters, Architecture, Precision], Graph]


@dataclass(frozen=True)
class Tower:
    """Pixels or token ids to unit vectors."""

    name: Literal["image", "text"]
    architecture: Architecture
    parameters: Parameters
    build: Builder
    prefix: str
    """The prefix of its parameters' names."""
    layers: int

    def model(self, precision: PrecisionName, calibration: Sequence[Feed] = ()) -> onnx.ModelProto:
        """Build the graph in a precision; static scales are taken from the calibration's feeds."""
        if precision in LEVELS:
            levels = LEVELS[precision]
            return self._static_int8(
                calibration, levels, levels if runs_here(precision) else REDUCED
            )
        weights = Int8Weights() if precision == "int8-weights" else Fp32()
        return self._graph(self.parameters, weights).model()

    def _graph(self, parameters: Parameters, precision: Precision) -> Graph:
        return self.build(parameters, self.architecture, precision)

    def _static_int8(self, feeds: Sequence[Feed], levels: Levels, tried: Levels) -> onnx.ModelProto:
        """Build the graph with the smoothing whose vectors are nearest to full precision.

        The strengths of smoothing are compared at levels that this machine computes.
        """
        reference = Fp32()
        graph = self._graph(self.parameters, reference)
        expected = embed(graph.model(), feeds)
        observed = observe(graph, reference, feeds)

        def nearness(strength: float) -> float:
            model = self._smoothed_int8(observed, strength, tried)
            return float(np.vdot(embed(model, feeds), expected))

        return self._smoothed_int8(observed, max(_STRENGTHS, key=nearness), levels)

    def _smoothed_int8(
        self, observed: Mapping[str, Observed], strength: float, levels: Levels
    ) -> onnx.ModelProto:
        places = list(pairs(self.prefix, self.layers))
        factors = smoothing_factors(self.parameters, places, observed, strength)
        ranges = {
            name: (seen.divided(factors[name]) if name in factors else seen).range
            for name, seen in observed.items()
        }
        parameters = smoothed(self.parameters, places, factors)
        return self._graph(parameters, Int8(ranges, levels, _KEPT)).model()


def image_tower(parameters: Parameters, architecture: Architecture) -> Tower:
    """The tower from pixels to vectors."""
    layers = architecture.vision.layers
    return Tower("image", architecture, parameters, vision_graph, "vision_model", layers)


def text_tower(parameters: Parameters, architecture: Architecture) -> Tower:
    """The tower from token ids to vectors."""
    layers = architecture.text.layers
    return Tower("text", architecture, parameters, text_graph, "text_model", layers)
