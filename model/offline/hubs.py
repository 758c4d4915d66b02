"""The captions in the joint space that show which images are hubs."""

from collections.abc import Callable

import numpy as np
from onnx import TensorProto

from ..graph import Graph
from ..sessions import embed
from .heads import Heads, add_text_halves, place
from .zero_shot import Array, ZeroShot


def bank_of(heads: Heads, zero_shot: ZeroShot) -> Array:
    """The halves (captions, 510) of the heads' captions, scaled for scores between −1 and 1.

    They are rounded to float16, far coarser than the differences between machines.
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
