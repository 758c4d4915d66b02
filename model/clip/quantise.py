"""Precisions: how a linear layer of a tower is stored and multiplied, one class each.

Operators are onnxruntime's own where they are faster than ONNX's:
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from ..graph import MICROSOFT, Graph
from ..quantise import quantised, scale_and_zero
from .linear import Fp32, Linear
from .parameters import Array

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


def quantised_rows(graph: Graph, ids: str, table: Array) -> str:
    """Add a lookup in a table stored as int8 with one scale per row."""
    integers, scales = quantised(table.T, FULL.weights)
    rows = graph.node("Gather", [graph.constant(integers.T), ids])
    scale = graph.node("Gather", [graph.constant(scales[:, None]), ids])
    return graph.node("Mul", [graph.node("Cast", [rows], to=TensorProto.FLOAT), scale])


@dataclass(frozen=True)
class Int8:
    """Eight-bit weights and activations; the scales of activations are constants of the graph.

    So a vector does not depend on the other images of its batch, as it would if a scale were found
    for the batch at run time.
    """

    ranges: Mapping[str, tuple[float, float]]
    """The least and the largest number of the layers' inputs, by name."""
    levels: Levels = FULL
    kept: tuple[str, ...] = ()
    """Ends of the names of layers that stay in full precision."""

    def linears(self, graph: Graph, x: str, name: str, layers: Sequence[Linear]) -> list[str]:
        """Quantise x once and multiply integers."""
        if name.endswith(self.kept):
            return Fp32().linears(graph, x, name, layers)
        scale, zero = scale_and_zero(*self.ranges[name], self.levels.activations)
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


class Int8Weights(Fp32):
    """Only weights are stored in eight bits, with a scale for each block of an output.

    It needs no calibration: MatMulNBits gives each row of activations a scale of its own at run
    time (accuracy level 4), so that a vector does not depend on the rest of its batch.
    """

    def rows(self, graph: Graph, ids: str, table: Array) -> str:
        """Gather int8 rows."""
        return quantised_rows(graph, ids, table)

    def linear(self, graph: Graph, x: str, layer: Linear) -> str:
        """Multiply by integers."""
        inputs, outputs = layer.weight.shape
        block = min(_BLOCK, inputs & -inputs)  # the largest power of two that divides the inputs
        blocks = layer.weight.T.reshape(-1, block).T
        integers, scales = quantised(blocks, FULL.weights)
        stored = (integers.T.astype(np.int16) + 128).astype(np.uint8)
        shape = outputs, inputs // block
        tensors = [x, graph.constant(stored.reshape(*shape, block))]
        tensors += [graph.constant(scales.reshape(shape))]
        bias = [] if layer.bias is None else ["", "", graph.constant(layer.bias)]
        attributes = {"K": inputs, "N": outputs, "bits": 8, "block_size": block}
        return graph.node("MatMulNBits", tensors + bias, MICROSOFT, accuracy_level=4, **attributes)
