"""A writer of ONNX graphs with automatic names, and onnxruntime's own operators next to ONNX's."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

EMBEDDING = "embedding"  # what both towers of every bundle call their output
MICROSOFT = (
    "com.microsoft"  # https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
)
OPSET = 18
IR_VERSION = 9  # what every onnxruntime since 1.15 reads


class Graph:
    """Appends to an ONNX graph; values are known by their names."""

    def __init__(self, name: str) -> None:
        self.proto = onnx.GraphProto(name=name)

    def input(self, name: str, dtype: int, shape: Sequence[str | int]) -> str:
        """Declare an input; dtype is one of onnx.TensorProto's."""
        self.proto.input.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, name: str, shape: Sequence[str | int | None]) -> None:
        """Declare a float32 output."""
        value = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        self.proto.output.append(value)

    def constant(self, value: ArrayLike) -> str:
        """Store an array with its own dtype."""
        name = f"constant_{len(self.proto.initializer)}"
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
        return self.nodes(operator, inputs, 1, domain, **attributes)[0]

    def nodes(
        self,
        operator: str,
        inputs: Sequence[str],
        results: int,
        domain: str = "",
        **attributes: Any,
    ) -> list[str]:
        """Append an operator with several results."""
        name = f"{operator}_{len(self.proto.node)}"
        outputs = [name if results == 1 else f"{name}_{index}" for index in range(results)]
        node = helper.make_node(operator, inputs, outputs, name, domain=domain, **attributes)
        self.proto.node.append(node)
        return outputs

    def model(self) -> onnx.ModelProto:
        """Return the checked model."""
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(self.proto, opset_imports=opsets, ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model
