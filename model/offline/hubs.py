"""What pictures are hubs by: captions in the joint space, and how near a picture usually is."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import onnxruntime as ort
from onnx import TensorProto

from ..graph import EMBEDDING, Graph
from .heads import (
    Array,
    Heads,
    ZeroShot,
    add_cosines,
    add_hubness,
    add_image_halves,
    add_text_halves,
)


def bank_of(heads: Heads, zero_shot: ZeroShot) -> Array:
    """The halves (captions, 510) of the heads' captions, for scores between −1 and 1.

    Rounded to float16, far coarser than what differs between machines.
    """

    def add(graph: Graph, x: str) -> str:
        return add_text_halves(graph, x, add_cosines(graph, x, heads), heads, zero_shot)

    halves = run_head(heads.bank, add)
    return (halves / heads.scale).astype(np.float16).astype(np.float32)


def with_usual_hubness(heads: Heads, zero_shot: ZeroShot, features: Array) -> Heads:
    """The heads with the mean hubness of these pictures (n, 1280)."""
    bank = bank_of(heads, zero_shot)

    def add(graph: Graph, x: str) -> str:
        return add_hubness(graph, add_image_halves(graph, x, heads, zero_shot), bank)

    return replace(heads, usual_hubness=run_head(features, add).mean())


def run_head(values: Array, add: Callable[[Graph, str], str]) -> Array:
    """Run a part of a graph on values (n, d)."""
    graph = Graph("head")
    x = graph.input("x", TensorProto.FLOAT, ["n", values.shape[1]])
    graph.embedding(add(graph, x), "d")
    session = ort.InferenceSession(graph.model().SerializeToString())
    result: Array = session.run([EMBEDDING], {"x": values})[0]
    return result
