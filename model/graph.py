"""A writer of ONNX graphs with automatic names, and onnxruntime's own operators next to ONNX's."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

EMBEDDING = "embedding"  # the output of both towers of every bundle
KNOWN = "known"  # the second output of text towers that measure how well words are known
# https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
MICROSOFT = "com.microsoft"
OPSET = 17
IR_VERSION = 9  # every onnxruntime since 1.15 reads it
_SMALLEST_NORM = np.float32(1e-9)  # keeps the vector of an empty image finite


class Graph:
    """Appends to an ONNX graph; values are known by their names."""

    def __init__(self, name: str = "", proto: onnx.GraphProto | None = None) -> None:
        """Begin an empty graph, or continue one of opset 17."""
        self.proto = proto or onnx.GraphProto(name=name)
        self._numbers = count()

    def input(self, name: str, dtype: int, shape: Sequence[str | int]) -> str:
        """Declare an input; dtype is one of onnx.TensorProto's."""
        self.proto.input.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name: str, shape: Sequence[str | int | None]) -> None:
        """Declare a float32 output."""
        value = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        self.proto.output.append(value)

    def embedding(self, x: str, dimension: int | str) -> None:
        """Make the value that the last node computes, (n, dimension), the graph's result."""
        self._result(x, EMBEDDING, ["n", dimension])

    def known(self, x: str) -> None:
        """Make the value that the last node computes, (n,), the output `known`."""
        self._result(x, KNOWN, ["n"])

    def _result(self, x: str, name: str, shape: Sequence[str | int]) -> None:
        last = self.proto.node[-1]
        if list(last.output) != [x]:
            raise ValueError(f"{x} is not what the last node computes")
        last.output[0] = name
        self.output(name, shape)

    def constant(self, value: ArrayLike, name: str = "") -> str:
        """Store an array with its own dtype."""
        name = name or f"constant.{next(self._numbers)}"
        array = np.asarray(value, order="C")
        self.proto.initializer.append(numpy_helper.from_array(array, name))
        return name

    def integers(self, *values: int) -> str:
        """Store an int64 vector: shapes, axes, indices."""
        return self.constant(np.array(values, np.int64))

    def node(
        self, operator: str, inputs: Sequence[str], domain: str = "", **attributes: Any
    ) -> str:
        """Append an operator with one result: https://onnx.ai/onnx/operators/."""
        name = f"{operator}.{next(self._numbers)}"
        node = helper.make_node(operator, inputs, [name], name, domain=domain, **attributes)
        self.proto.node.append(node)
        return name

    def binary(self, operator: str, x: str, value: ArrayLike) -> str:
        """Append an operator between a value and a constant."""
        return self.node(operator, [x, self.constant(value)])

    def affine(self, x: str, weight: ArrayLike, bias: ArrayLike) -> str:
        """Return x (n, i) · weight (o, i) transposed + bias (o,)."""
        return self.node("Gemm", [x, self.constant(weight), self.constant(bias)], transB=1)

    def unit(self, x: str) -> str:
        """Rows of x scaled to length one."""
        length = self.node("ReduceL2", [x], axes=[-1], keepdims=1)
        return self.node("Div", [x, self.binary("Max", length, _SMALLEST_NORM)])

    def model(self) -> onnx.ModelProto:
        """Return the checked model."""
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(self.proto, opset_imports=opsets, ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model
