"""Linear layers of a tower and what a precision has to say about them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from onnx import TensorProto

from .graph import Graph
from .parameters import Array, Parameters


@dataclass(frozen=True)
class Linear:
    """Return x (…, inputs) · weight + bias."""

    name: str
    """Of the tensor that goes in: layers that share their input share its range."""
    weight: Array  # (inputs, outputs)
    bias: Array | None  # (outputs,)

    @classmethod
    def read(cls, parameters: Parameters, name: str, *packed: str) -> "Linear":
        """One layer, or several of one input side by side (`packed`: their names under `name`)."""
        names = [f"{name}.{part}" for part in packed] or [name]
        weight = np.concatenate([parameters[f"{n}.weight"] for n in names]).T
        biases = [parameters[f"{n}.bias"] for n in names if f"{n}.bias" in parameters]
        bias = np.concatenate(biases) if biases else None
        return cls(name, np.ascontiguousarray(weight), bias)


class Precision(Protocol):
    """How a tower's large matrices are stored and multiplied."""

    def linear(self, graph: Graph, x: str, layer: Linear) -> str:
        """Add a layer on float32 x (…, inputs) → float32 (…, outputs)."""

    def patches(self, graph: Graph, x: str, layer: Linear) -> str:
        """Add a layer on uint8 x (…, inputs) → float32 (…, outputs)."""

    def rows(self, graph: Graph, ids: str, table: Array) -> str:
        """Add a lookup of int64 ids (n, t) in a table (ids, width) → float32 (n, t, width)."""


class Fp32:
    """Full precision: the reference for all others."""

    def __init__(self) -> None:
        self.inputs: dict[str, str] = {}
        """Each layer's input tensor by the layer's name: what a calibration observes."""

    def linear(self, graph: Graph, x: str, layer: Linear) -> str:
        """Add a matrix product and a sum."""
        self.inputs.setdefault(layer.name, x)  # the last block reads all tokens, then one
        product = graph.node("MatMul", [x, graph.constant(layer.weight)])
        if layer.bias is None:
            return product
        return graph.node("Add", [product, graph.constant(layer.bias)])

    def patches(self, graph: Graph, x: str, layer: Linear) -> str:
        """Multiply pixels as float32."""
        return self.linear(graph, graph.node("Cast", [x], to=TensorProto.FLOAT), layer)

    def rows(self, graph: Graph, ids: str, table: Array) -> str:
        """Gather rows of the table as it is."""
        return graph.node("Gather", [graph.constant(table), ids])
