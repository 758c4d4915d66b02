"""8-bit weights for any graph: a quarter of the size, and float32 activations.

The precision that needs no calibration and knows no architecture. A vector does not depend on the
others of its batch, because nothing is measured while it runs.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper
from onnx import numpy_helper as arrays

# Weights that share a scale. Smaller blocks are slower and change little at 8 bits.
_BLOCK = 128
# The products are computed in int8, accumulated in int32.
_ACCURACY_LEVEL = 4
# A table with fewer rows than this is no vocabulary.
_TABLE_ROWS = 1000
_LARGEST = 127


def with_8_bit_weights(model: ModelProto) -> ModelProto:
    """The same graph with its matrices and its vocabulary in 8 bits."""
    # Importing it makes the whole process log everything.
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer  # noqa: PLC0415

    logging.root.setLevel(logging.WARNING)
    _narrow_tables(model.graph)
    quantizer = MatMulNBitsQuantizer(
        model,
        bits=8,
        block_size=_BLOCK,
        is_symmetric=True,
        accuracy_level=_ACCURACY_LEVEL,
    )
    quantizer.process()
    narrow: ModelProto = quantizer.model.model
    return narrow


def _narrow_tables(graph: GraphProto) -> None:
    """Store each row of a vocabulary as int8 with a scale; only rows looked up are widened."""
    for tensor, lookup in list(_tables(graph)):
        table = arrays.to_array(tensor)
        scale = np.abs(table).max(1, keepdims=True).astype(np.float32) / _LARGEST
        rows = np.round(table / np.maximum(scale, np.finfo(np.float32).tiny)).astype(np.int8)
        graph.initializer.remove(tensor)
        _widen_after_lookup(graph, lookup, rows, scale)


def _tables(graph: GraphProto) -> Iterator[tuple[TensorProto, NodeProto]]:
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        tensor = tensors.get(node.input[0]) if node.op_type == "Gather" else None
        if tensor is not None and len(tensor.dims) == 2 and tensor.dims[0] >= _TABLE_ROWS:
            yield tensor, node


def _widen_after_lookup(
    graph: GraphProto, lookup: NodeProto, rows: NDArray[np.int8], scale: NDArray[np.float32]
) -> None:
    name, ids, found = lookup.input[0], lookup.input[1], lookup.output[0]
    graph.initializer.extend(
        [arrays.from_array(rows, f"{name}_rows"), arrays.from_array(scale, f"{name}_scale")]
    )
    nodes = [
        helper.make_node("Gather", [f"{name}_rows", ids], [f"{found}_narrow"]),
        helper.make_node("Gather", [f"{name}_scale", ids], [f"{found}_scale"]),
        helper.make_node("Cast", [f"{found}_narrow"], [f"{found}_wide"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{found}_wide", f"{found}_scale"], [found]),
    ]
    place = list(graph.node).index(lookup)
    graph.node.remove(lookup)
    for offset, node in enumerate(nodes):
        graph.node.insert(place + offset, node)
