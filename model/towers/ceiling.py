"""The integer products of a vision tower and nothing else: no tower made of them can be faster."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto

from .architecture import Architecture
from .graph import EMBEDDING, MICROSOFT, Graph
from .linear import Fp32, Linear
from .parameters import Parameters
from .quantise import FULL, quantised
from .vision import vision_graph

# Of one token, not worth counting: the last block's output, both layers of its network, the
# projection; then its query, which comes before key and value.
_POOLED = slice(-4, None), -3


class _Recorder(Fp32):
    """Notes a tower's layers in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.layers: list[Linear] = []

    def linears(self, graph: Graph, x: str, name: str, layers: Sequence[Linear]) -> list[str]:
        self.layers += layers
        return super().linears(graph, x, name, layers)

    def patches(self, graph: Graph, x: str, layer: Linear) -> str:
        self.layers.append(layer)
        return super().patches(graph, x, layer)


def ceiling(parameters: Parameters, architecture: Architecture) -> onnx.ModelProto:
    """`pixels` as a tower takes them → one number of each product, added up."""
    recorder, vision = _Recorder(), architecture.vision
    vision_graph(parameters, architecture, recorder)
    graph, layers = Graph("ceiling"), recorder.layers
    for index in _POOLED:
        del layers[index]
    size = vision.image_size
    pixels = graph.input("pixels", TensorProto.UINT8, ["n", size, size, 3])
    tokens = {
        width: _tokens(graph, pixels, vision.positions, width)
        for width in sorted({layer.weight.shape[0] for layer in layers})
    }
    products = [_product(graph, tokens[layer.weight.shape[0]], layer) for layer in layers]
    graph.node("Sum", products)
    graph.proto.node[-1].output[0] = EMBEDDING
    graph.output(EMBEDDING, ["n", 1, 1])
    return graph.model()


def _tokens(graph: Graph, pixels: str, positions: int, width: int) -> str:
    """Any uint8 numbers of the right shape (n, positions, width): the picture's, repeated."""
    flat = graph.node("Reshape", [pixels, graph.integers(0, -1)])
    twice = graph.node("Concat", [flat, flat], axis=1)
    ends = [graph.integers(value) for value in (0, positions * width, 1)]
    return graph.node(
        "Reshape", [graph.node("Slice", [twice, *ends]), graph.integers(0, positions, width)]
    )


def _product(graph: Graph, x: str, layer: Linear) -> str:
    integers, scales = quantised(layer.weight, FULL.weights)
    one, zero = graph.constant(np.float32(1)), graph.constant(np.uint8(128))
    inputs = [x, graph.constant(integers), one, graph.constant(scales), zero]
    product = graph.node("MatMulIntegerToFloat", inputs, MICROSOFT)
    ends = [graph.constant(np.array(v, np.int64)) for v in ([0, 0], [1, 1], [1, 2])]
    return graph.node("Slice", [product, *ends])
