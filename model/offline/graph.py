"""A thin writer of ONNX graphs: constants, nodes and the few compositions both towers share."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

EMBEDDING = "embedding"  # what both towers of every bundle call their output
OPSET = 17
IR_VERSION = 9  # what every onnxruntime since 1.15 reads
SMALLEST_NORM = np.float32(1e-9)  # keeps the vector of an empty picture finite


class Graph:
    """Appends to an ONNX graph; each node has one output, called like the node."""

    def __init__(self, proto: onnx.GraphProto) -> None:
        self.proto = proto

    @classmethod
    def empty(cls, name: str) -> "Graph":
        """A graph with nothing in it yet."""
        return cls(onnx.GraphProto(name=name))

    def input(self, name: str, dtype: int, shape: list[str | int]) -> str:
        """Declare an input; dtype is one of onnx.TensorProto's."""
        self.proto.input.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name: str, shape: list[str | int]) -> None:
        """Make a float32 value the graph's only output."""
        del self.proto.output[:]
        value = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        self.proto.output.append(value)

    def constant(self, name: str, value: ArrayLike) -> str:
        """Store an array."""
        self.proto.initializer.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, operator: str, inputs: list[str], name: str, **attributes: Any) -> str:
        """Append one operator: https://onnx.ai/onnx/operators/."""
        self.proto.node.append(helper.make_node(operator, inputs, [name], name, **attributes))
        return name

    def affine(self, x: str, weight: ArrayLike, bias: ArrayLike, name: str) -> str:
        """Return x (n, i) · weight (o, i) transposed + bias (o,)."""
        constants = [
            self.constant(f"{name}.weight", weight),
            self.constant(f"{name}.bias", bias),
        ]
        return self.node("Gemm", [x, *constants], name, transB=1)

    def binary(self, operator: str, x: str, value: ArrayLike, name: str) -> str:
        """One operator between a tensor and a constant."""
        return self.node(operator, [x, self.constant(f"{name}.value", value)], name)

    def unit(self, x: str, name: str) -> str:
        """Rows of x scaled to length one."""
        length = self.node("ReduceL2", [x], f"{name}.length", axes=[-1], keepdims=1)
        safe = self.binary("Max", length, SMALLEST_NORM, f"{name}.safe")
        return self.node("Div", [x, safe], name)

    def model(self) -> onnx.ModelProto:
        """Return the checked model."""
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(self.proto, opset_imports=opsets, ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model
