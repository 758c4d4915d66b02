"""Parameters out of full-precision ONNX exports of transformers' CLIP models.

An exporter keeps the names of biases and norms, but turns each linear weight into an anonymous
constant in transposed layout (`onnx::MatMul_123`). It is found by following the named bias.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from .architecture import Architecture
from .parameters import Array, checked, shapes

_OUTPUTS = {"visual_projection": "image_embeds", "text_projection": "text_embeds"}


def parameters_from_onnx(paths: Iterable[Path], architecture: Architecture) -> dict[str, Array]:
    """Read both towers' exports: one file for each, or one for both.

    Raises:
        ParameterError: what is missing or has another shape, by name.
    """
    names = shapes(architecture)
    found: dict[str, Array] = {}
    for path in paths:
        export = _Export(onnx.load(path).graph)
        found |= {name: value for name in names if (value := export.find(name)) is not None}
    return checked(found, architecture)


class _Export:
    """One exported graph: its constants, and what makes and uses each value."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._constants = {tensor.name: tensor for tensor in graph.initializer}
        self._makers: dict[str, onnx.NodeProto] = {}
        self._users: defaultdict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in graph.node:
            self._add(node)

    def _add(self, node: onnx.NodeProto) -> None:
        if node.op_type == "Constant":
            self._constants[node.output[0]] = node.attribute[0].t
        # The exporter stores equal tensors once and renames copies.
        if node.op_type == "Identity" and node.input[0] in self._constants:
            self._constants[node.output[0]] = self._constants[node.input[0]]
        self._makers |= dict.fromkeys(node.output, node)
        for name in node.input:
            self._users[name].append(node)

    def find(self, name: str) -> Array | None:
        """One parameter, or None if the graph does not have it."""
        layer, _, kind = name.rpartition(".")
        if name in self._constants:
            return self._array(name)
        if layer in _OUTPUTS:
            return self._multiplied_by(_OUTPUTS[layer])
        return self._before(f"{layer}.bias") if kind == "weight" else None

    def _before(self, bias: str) -> Array | None:
        """The weight (outputs, inputs) of the product that a bias is added to."""
        for node in self._users[bias]:
            if node.op_type == "Gemm" and node.input[2] == bias:
                return self._of_gemm(node)
            if node.op_type == "Add":
                product = next(name for name in node.input if name != bias)
                return self._multiplied_by(product)
        return None

    def _multiplied_by(self, value: str) -> Array | None:
        """The weight (outputs, inputs) of the last linear layer that made a value."""
        while node := self._makers.get(value):
            if node.op_type == "MatMul" and node.input[1] in self._constants:
                return self._array(node.input[1]).T
            if node.op_type == "Gemm":
                return self._of_gemm(node)
            value = node.input[0] if node.input else ""
        return None

    def _of_gemm(self, node: onnx.NodeProto) -> Array:
        weight = self._array(node.input[1])
        return weight if any(a.name == "transB" and a.i for a in node.attribute) else weight.T

    def _array(self, name: str) -> Array:
        return numpy_helper.to_array(self._constants[name]).astype(np.float32)
