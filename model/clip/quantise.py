"""Precisions: how a linear layer of a tower is stored and multiplied, one class each.

Operators are onnxruntime's own where they are faster than ONNX's:
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from ..graph import MICROSOFT, Graph
from .linear import Fp32, Linear
from .parameters import Array

_SMALLEST_SCALE = np.float32(1e-12)
# Weights that share a scale. Smaller blocks are slower and change little at 8 bits.
_BLOCK = 128


@dataclass(frozen=True)
class Levels:
    """Which integers are used: activations 0 … a, weights −w … w, weights on pixels −p … p."""

    activations: int
    weights: int
    pixel_weights: int


FULL = Levels(255, 127, 127)
# Processors without VNNI add two products of an unsigned and a signed number in 16 bits, up to
# 32,767: 2 · 180 · 91 = 32,760 and, for pixels, 2 · 255 · 64 = 32,640. Taking half a bit from
# each side costs less than a whole bit from one.
REDUCED = Levels(180, 91, 64)


@dataclass(frozen=True)
class Range:
    """What a tensor's numbers lie between."""

    low: float
    high: float

    def scale_and_zero(self, levels: int) -> tuple[np.float32, np.uint8]:
        """Map the range, widened to hold zero, onto 0 … levels."""
        low, high = min(self.low, 0.0), max(self.high, 0.0)
        scale = np.maximum(np.float32((high - low) / levels), _SMALLEST_SCALE)
        return scale, np.uint8(np.clip(round(-low / float(scale)), 0, levels))


def quantised(weight: Array, limit: int) -> tuple[NDArray[np.int8], Array]:
    """Round (inputs, outputs) to integers of ±limit, with one scale per output: (outputs,)."""
    scales = np.maximum(np.abs(weight).max(axis=0) / np.float32(limit), _SMALLEST_SCALE)
    return np.rint(weight / scales).astype(np.int8), scales


def quantised_rows(graph: Graph, ids: str, table: Array) -> str:
    """Add a lookup in a table stored as int8 with one scale per row."""
    integers, scales = quantised(table.T, FULL.weights)
    rows = graph.node("Gather", [graph.constant(integers.T), ids])
    scale = graph.node("Gather", [graph.constant(scales[:, None]), ids])
    return graph.node("Mul", [graph.node("Cast", [rows], to=TensorProto.FLOAT), scale])


@dataclass(frozen=True)
class Int8:
    """Eight-bit integers on both sides; the scales of activations are constants of the graph.

    So a vector does not depend on its batch-mates, as it does with scales computed at run time.
    """

    ranges: Mapping[str, Range]
    """Of the layers' inputs, by name."""
    levels: Levels = FULL
    kept: tuple[str, ...] = ()
    """Ends of the names of layers that stay in full precision."""

    def linears(self, graph: Graph, x: str, name: str, layers: Sequence[Linear]) -> list[str]:
        """Quantise x once and multiply integers."""
        if name.endswith(self.kept):
            return Fp32().linears(graph, x, name, layers)
        scale, zero = self.ranges[name].scale_and_zero(self.levels.activations)
        integers = graph.node("QuantizeLinear", [x, graph.constant(scale), graph.constant(zero)])
        if self.levels.activations < FULL.activations:
            highest = graph.constant(np.uint8(self.levels.activations))
            integers = graph.node("Min", [integers, highest])
        limit = self.levels.weights
        return [_product(graph, integers, (scale, zero), layer, limit) for layer in layers]

    def patches(self, graph: Graph, x: str, layer: Linear) -> str:
        """Multiply pixels as they are: they are integers already."""
        return _product(graph, x, _PIXELS, layer, self.levels.pixel_weights)

    def rows(self, graph: Graph, ids: str, table: Array) -> str:
        """Gather int8 rows."""
        return quantised_rows(graph, ids, table)


_PIXELS = (np.float32(1), np.uint8(0))


def _product(
    graph: Graph, x: str, input_scale: tuple[np.float32, np.uint8], layer: Linear, limit: int
) -> str:
    integers, scales = quantised(layer.weight, limit)
    scale, zero = (graph.constant(value) for value in input_scale)
    inputs = [x, graph.constant(integers), scale, graph.constant(scales), zero, ""]
    bias = [] if layer.bias is None else [graph.constant(layer.bias)]
    return graph.node("MatMulIntegerToFloat", inputs + bias, MICROSOFT)


class Int8Weights:
    """Only weights are stored in eight bits, with a scale for each block of an output.

    It needs no calibration: each row of activations gets a scale of its own while it runs, so that
    a vector does not depend on its batch-mates.
    """

    def linears(self, graph: Graph, x: str, name: str, layers: Sequence[Linear]) -> list[str]:
        """Multiply by MatMulNBits, which quantises each row of x by itself (accuracy level 4)."""
        return [self._linear(graph, x, layer) for layer in layers]

    def patches(self, graph: Graph, x: str, layer: Linear) -> str:
        """Multiply pixels as float32."""
        return self._linear(graph, graph.node("Cast", [x], to=TensorProto.FLOAT), layer)

    def rows(self, graph: Graph, ids: str, table: Array) -> str:
        """Gather int8 rows."""
        return quantised_rows(graph, ids, table)

    @staticmethod
    def _linear(graph: Graph, x: str, layer: Linear) -> str:
        inputs, outputs = layer.weight.shape
        block = min(_BLOCK, inputs & -inputs)  # the largest power of two that divides the inputs
        blocks = layer.weight.T.reshape(outputs, inputs // block, block)
        scales = np.maximum(np.abs(blocks).max(-1) / np.float32(FULL.weights), _SMALLEST_SCALE)
        integers = (np.rint(blocks / scales[..., None]) + 128).astype(np.uint8)
        tensors = [x, graph.constant(integers), graph.constant(scales)]
        bias = [] if layer.bias is None else ["", "", graph.constant(layer.bias)]
        attributes = {"K": inputs, "N": outputs, "bits": 8, "block_size": block}
        return graph.node("MatMulNBits", tensors + bias, MICROSOFT, accuracy_level=4, **attributes)
