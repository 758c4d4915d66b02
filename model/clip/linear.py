"""Linear layers of a tower, and the interface of the precisions that they are computed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from onnx import TensorProto

from ..graph import Graph
from .parameters import Array, Parameters


@dataclass(frozen=True)
class Linear:
    """A layer that computes x (…, inputs) · weight + bias."""

    weight: Array  # (inputs, outputs)
    bias: Array | None  # (outputs,)

    @classmethod
    def read(cls, parameters: Parameters, name: str) -> "Linear":
        """Read a layer by the name of its parameters."""
        weight = np.ascontiguousarray(parameters[f"{name}.weight"].T)
        return cls(weight, parameters.get(f"{name}.bias"))

    def scaled(self, before: float, after: float) -> "Linear":
        """The layer with its input multiplied by one factor and its result by another."""
        weight = self.weight * np.float32(before * after)
        return Linear(weight, None if self.bias is None else self.bias * np.float32(after))


class Precision(Protocol):
    """How a tower's large matrices are stored and multiplied."""

    def linears(self, graph: Graph, x: str, name: str, layers: Sequence[Linear]) -> list[str]:
        """Add layers that read the same float32 x (…, inputs) → float32 (…, outputs) each.

        `name` is the name of x in a calibration.
        """

    def patches(self, graph: Graph, x: str, layer: Linear) -> str:
        """Add a layer on uint8 x (…, inputs) → float32 (…, outputs)."""

    def rows(self, graph: Graph, ids: str, table: Array) -> str:
        """Add a lookup of int64 ids (…) in a table (ids, width) → float32 (…, width)."""


class Fp32:
    """Full precision: the reference for all others."""

    def __init__(self) -> None:
        self.inputs: dict[str, str] = {}
        """The input tensor of each linear layer by its name, for a calibration to observe."""

    def linears(self, graph: Graph, x: str, name: str, layers: Sequence[Linear]) -> list[str]:
        """Add the layers one by one."""
        # The last block's attention adds its layers twice: the input of all tokens replaces that of
        # the pooled token.
        self.inputs[name] = x
        return [self.linear(graph, x, layer) for layer in layers]

    def patches(self, graph: Graph, x: str, layer: Linear) -> str:
        """Multiply pixels as float32."""
        return self.linear(graph, graph.node("Cast", [x], to=TensorProto.FLOAT), layer)

    def rows(self, graph: Graph, ids: str, table: Array) -> str:
        """Gather rows of the table as it is."""
        return graph.node("Gather", [graph.constant(table), ids])

    def linear(self, graph: Graph, x: str, layer: Linear) -> str:
        """Multiply float32, and add."""
        product = graph.node("MatMul", [x, graph.constant(layer.weight)])
        if layer.bias is None:
            return product
        return graph.node("Add", [product, graph.constant(layer.bias)])
