"""What images are hubs by: captions in the joint space."""

from collections.abc import Callable

import numpy as np
from onnx import TensorProto

from ..graph import Graph
from ..sessions import embed
from .heads import Heads, add_text_halves, place
from .zero_shot import Array, ZeroShot


def bank_of(heads: Heads, zero_shot: ZeroShot) -> Array:
    """The halves (captions, 510) of the heads' captions, for scores between −1 and 1.

    Rounded to float16, far coarser than what differs between machines.
    """

    def add(graph: Graph, x: str) -> str:
        return add_text_halves(graph, x, place(graph, x, heads), heads, zero_shot)

    halves = run_head(heads.bank, add)
    return (halves / heads.scale).astype(np.float16).astype(np.float32)


def run_head(values: Array, add: Callable[[Graph, str], str]) -> Array:
    """Run a part of a graph on values (n, d)."""
    graph = Graph("head")
    x = graph.input("x", TensorProto.FLOAT, ["n", values.shape[1]])
    graph.embedding(add(graph, x), "d")
    return embed(graph.model(), [{"x": values}])
