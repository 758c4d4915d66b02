"""Any exported tower, given the ends that every bundle has.

`pixels` uint8 (n, size, size, 3) or `input_ids` int64 (n, tokens) in, `embedding` float32
(n, dimension) of unit length out. What an export calls its ends does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper
from onnx import numpy_helper as arrays

from .registry import ImageRule

_MATRIX = 2


class ExportError(Exception):
    """An export that does not look like a tower."""


def with_pixel_input(model: ModelProto, rule: ImageRule) -> ModelProto:
    """A vision tower that takes uint8 pixels and answers unit vectors."""
    graph = model.graph
    ((_, name),) = _own_names(graph)
    scale = 1 / (255 * np.array(rule.std, np.float32))
    shift = -np.array(rule.mean, np.float32) / np.array(rule.std, np.float32)
    graph.initializer.extend(
        [arrays.from_array(scale, "pixel_scale"), arrays.from_array(shift, "pixel_shift")]
    )
    ends = [
        helper.make_node("Cast", ["pixels"], ["pixels_float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["pixels_float", "pixel_scale"], ["pixels_scaled"]),
        helper.make_node("Add", ["pixels_scaled", "pixel_shift"], ["pixels_normal"]),
        helper.make_node("Transpose", ["pixels_normal"], [name], perm=[0, 3, 1, 2]),
    ]
    shape: list[str | int] = ["n", rule.size, rule.size, 3]
    pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, shape)
    return _with_ends(model, pixels, ends)


def with_token_input(model: ModelProto) -> ModelProto:
    """A text tower that takes int64 ids alone and answers unit vectors."""
    first: list[NodeProto] = []
    for given, name in _own_names(model.graph):
        kind = given.type.tensor_type.elem_type
        if "mask" in given.name:
            first += _ones_like_ids(name, kind)
        else:
            first.append(helper.make_node("Cast", ["input_ids"], [name], to=kind))
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "t"])
    return _with_ends(model, ids, first)


def _ones_like_ids(name: str, kind: int) -> list[NodeProto]:
    """Every token is a real one."""
    one = helper.make_tensor("one", kind, [1], [1])
    return [
        helper.make_node("Shape", ["input_ids"], ["ids_shape"]),
        helper.make_node("ConstantOfShape", ["ids_shape"], [name], value=one),
    ]


def _with_ends(model: ModelProto, given: ValueInfoProto, first: Iterable[NodeProto]) -> ModelProto:
    """Put nodes before the graph, and the unit length after it."""
    graph = model.graph
    vector = _vector_output(graph)
    nodes = [*first, *graph.node]
    nodes.append(helper.make_node("LpNormalization", [vector.name], ["embedding"], axis=-1, p=2))
    dimension = vector.type.tensor_type.shape.dim[-1].dim_value or "dimension"
    embedding = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", dimension])
    _replace(graph.node, nodes)
    _replace(graph.input, [given])
    _replace(graph.output, [embedding])
    _replace(graph.value_info, [])  # shapes that the export wrote for one picture
    onnx.checker.check_model(model)
    return model


def _own_names(graph: GraphProto) -> list[tuple[ValueInfoProto, str]]:
    """The graph's inputs that are no weights, each with a name that no bundle's input has."""
    weights = {tensor.name for tensor in graph.initializer}
    given = [value for value in graph.input if value.name not in weights]
    for value in given:
        _rename(graph, value.name, f"export_{value.name}")
    return [(value, f"export_{value.name}") for value in given]


def _vector_output(graph: GraphProto) -> ValueInfoProto:
    """The one output with a vector for each input."""
    vectors = [v for v in graph.output if len(v.type.tensor_type.shape.dim) == _MATRIX]
    embeds: list[ValueInfoProto] = [v for v in vectors if "embed" in v.name] or vectors
    if not embeds:
        names = [value.name for value in graph.output]
        raise ExportError(f"no output is a matrix of vectors; there are {', '.join(names)}")
    return embeds[0]


def _rename(graph: GraphProto, old: str, new: str) -> None:
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name == old:
                node.input[index] = new


def _replace(field: object, values: Iterable[object]) -> None:
    """Set a repeated field of a protobuf."""
    kept = list(values)
    del field[:]  # type: ignore[attr-defined]
    field.extend(kept)  # type: ignore[attr-defined]
