"""The text tower: token ids to unit vectors."""

import numpy as np
from onnx import TensorProto

from .architecture import Architecture, Text
from .graph import Graph
from .linear import Precision
from .parameters import Parameters
from .transformer import Encoder

_HIDDEN = np.float32(-np.inf)  # added to a score: the token is not seen


def text_graph(parameters: Parameters, architecture: Architecture, precision: Precision) -> Graph:
    """`input_ids` int64 (n, t ≤ context) → `embedding` float32 (n, dimension), unit rows.

    Padding after the end of a text changes nothing, and nothing needs to be padded.
    """
    graph, text = Graph("text"), architecture.text
    ids = graph.input("input_ids", TensorProto.INT64, ["n", "t"])
    encoder = Encoder(graph, parameters, precision, text, "text_model", causal=text.causal)
    end = _end(graph, ids, text)
    ids = _trimmed(graph, ids, end)
    where = graph.node("Unsqueeze", [end, graph.integers(2)])  # (n, 1, 1)
    pooled = encoder.pooled(
        _tokens(encoder, ids),
        lambda x: graph.node("GatherND", [x, where], batch_dims=1),
        _mask(graph, ids, where) if text.causal else "",
    )
    encoder.embedding(
        pooled, "text_model.final_layer_norm", "text_projection", architecture.dimension
    )
    return graph


def _end(graph: Graph, ids: str, text: Text) -> str:
    """Position of the pooled token: (n, 1)."""
    if text.end_of_text is None:
        every = graph.node("Equal", [ids, ids])
        ends = graph.node("Cast", [every], to=TensorProto.INT32)
        return graph.node("ArgMax", [ends], axis=1, select_last_index=1)
    found = graph.node("Equal", [ids, graph.constant(np.int64(text.end_of_text))])
    return graph.node("ArgMax", [graph.node("Cast", [found], to=TensorProto.INT32)], axis=1)


def _trimmed(graph: Graph, ids: str, end: str) -> str:
    """Drop the positions that no text of the batch reaches: they would cost time for nothing."""
    last = graph.node("ReduceMax", [end, graph.integers(0, 1)], keepdims=0)
    length = graph.node("Add", [last, graph.integers(1)])
    return graph.node("Slice", [ids, graph.integers(0), length, graph.integers(1)])


def _tokens(encoder: Encoder, ids: str) -> str:
    """Look the tokens up and add positions: (n, t, width)."""
    graph, embeddings = encoder.graph, "text_model.embeddings"
    table = encoder.parameters[f"{embeddings}.token_embedding.weight"]
    positions = encoder.parameters[f"{embeddings}.position_embedding.weight"]
    length = graph.node("Shape", [ids], start=1, end=2)
    first, axis = graph.integers(0), graph.integers(0)
    placed = graph.node("Slice", [graph.constant(positions), first, length, axis])
    return graph.node("Add", [encoder.precision.rows(graph, ids, table), placed])


def _mask(graph: Graph, ids: str, end: str) -> str:
    """Hide what follows the end of a text: (n, 1, 1, t), 0 or −∞.

    The causal mask of the last block, whose only query is the pooled token.
    """
    length = graph.node("Squeeze", [graph.node("Shape", [ids], start=1, end=2)])
    zero, one = graph.constant(np.int64(0)), graph.constant(np.int64(1))
    positions = graph.node("Range", [zero, length, one])
    hidden = graph.node("Greater", [positions, end])  # (n, 1, t)
    mask = graph.node("Where", [hidden, graph.constant(_HIDDEN), graph.constant(np.float32(0))])
    return graph.node("Unsqueeze", [mask, graph.integers(1)])
