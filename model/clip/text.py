"""The text tower: token ids to unit vectors."""

import numpy as np
from onnx import TensorProto

from ..graph import Graph
from .architecture import Architecture, Text
from .linear import Precision
from .parameters import Parameters
from .transformer import Encoder

_HIDDEN = np.float32(-np.inf)  # added to an attention score, it hides the token


def text_graph(parameters: Parameters, architecture: Architecture, precision: Precision) -> Graph:
    """`input_ids` int64 (n, t ≤ context) → `embedding` float32 (n, dimension), unit rows.

    Padding after the end of a text changes nothing, and nothing needs to be padded.
    """
    graph, text = Graph("text"), architecture.text
    ids = graph.input("input_ids", TensorProto.INT64, ["n", "t"])
    encoder = Encoder(graph, parameters, precision, text, "text_model")
    end = _end(graph, ids, text)
    ids = _trimmed(graph, ids, end)
    where = _places(graph, end)
    pooled = encoder.pooled(
        _tokens(encoder, ids),
        lambda x: graph.node("GatherND", [x, where]),
        *_masks(graph, ids, end),
    )
    encoder.embedding(
        pooled, "text_model.final_layer_norm", "text_projection", architecture.dimension
    )
    return graph


def _end(graph: Graph, ids: str, text: Text) -> str:
    """Position of the pooled token: (n, 1)."""
    found = graph.node("Equal", [ids, graph.constant(np.int64(text.end_of_text))])
    return graph.node("ArgMax", [graph.node("Cast", [found], to=TensorProto.INT32)], axis=1)


def _trimmed(graph: Graph, ids: str, end: str) -> str:
    """Drop the positions that no text of the batch reaches, which would only cost time."""
    last = graph.node("ReduceMax", [end], axes=[0, 1], keepdims=0)
    length = graph.node("Add", [last, graph.integers(1)])
    return graph.node("Slice", [ids, graph.integers(0), length, graph.integers(1)])


def _places(graph: Graph, end: str) -> str:
    """Where the pooled tokens are in (t, n, width): pairs of a position and a text, (1, n, 2)."""
    count = graph.node("Shape", [end], start=0, end=1)
    texts = graph.node("Unsqueeze", [_counted(graph, count), graph.integers(1)])
    return graph.node("Unsqueeze", [graph.node("Concat", [end, texts], axis=1), graph.integers(0)])


def _counted(graph: Graph, length: str) -> str:
    """From 0 to a length, which is an int64 vector of one number."""
    ends = graph.constant(np.int64(0)), graph.node("Squeeze", [length]), graph.constant(np.int64(1))
    return graph.node("Range", ends)


def _tokens(encoder: Encoder, ids: str) -> str:
    """Look the tokens up and add positions: (t, n, width)."""
    graph, embeddings = encoder.graph, "text_model.embeddings"
    table = encoder.parameters[f"{embeddings}.token_embedding.weight"]
    positions = encoder.parameters[f"{embeddings}.position_embedding.weight"]
    length = graph.node("Shape", [ids], start=1, end=2)
    first = graph.integers(0)
    placed = graph.node("Slice", [graph.constant(positions[:, None]), first, length, first])
    rows = encoder.precision.rows(graph, graph.node("Transpose", [ids], perm=[1, 0]), table)
    return graph.node("Add", [rows, placed])


def _masks(graph: Graph, ids: str, end: str) -> tuple[str, str]:
    """Hide what follows a token: (t, t); and what follows the pooled ones: (n, 1, 1, t)."""
    keys = _counted(graph, graph.node("Shape", [ids], start=1, end=2))
    queries = graph.node("Unsqueeze", [keys, graph.integers(1)])
    ends = graph.node("Unsqueeze", [end, graph.integers(1, 2)])
    return _hidden_after(graph, keys, queries), _hidden_after(graph, keys, ends)


def _hidden_after(graph: Graph, keys: str, queries: str) -> str:
    later = graph.node("Greater", [keys, queries])
    return graph.node("Where", [later, graph.constant(_HIDDEN), graph.constant(np.float32(0))])
