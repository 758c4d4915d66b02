"""The vision tower: uint8 pixels to unit vectors."""

import numpy as np
from onnx import TensorProto

from ..graph import Graph
from .architecture import Architecture, Vision
from .linear import Linear, Precision
from .parameters import Array, Parameters
from .transformer import Encoder


def vision_graph(parameters: Parameters, architecture: Architecture, precision: Precision) -> Graph:
    """`pixels` uint8 (n, size, size, 3) RGB → `embedding` float32 (n, dimension), unit rows."""
    graph, vision = Graph("vision"), architecture.vision
    size = vision.image_size
    pixels = graph.input("pixels", TensorProto.UINT8, ["n", size, size, 3])
    encoder = Encoder(graph, parameters, precision, vision, "vision_model")
    tokens = _tokens(encoder, _patches(graph, pixels, vision), vision)
    first = graph.integers(0), graph.integers(1), graph.integers(0)
    pooled = encoder.pooled(
        encoder.norm(tokens, "vision_model.pre_layrnorm"),
        lambda x: graph.node("Slice", [x, *first]),
    )
    encoder.embedding(
        pooled, "vision_model.post_layernorm", "visual_projection", architecture.dimension
    )
    return graph


def _patches(graph: Graph, pixels: str, vision: Vision) -> str:
    """Cut (n, size, size, 3) into (patches, n, patch · patch · 3), still uint8."""
    grid, patch = vision.grid, vision.patch
    cut = graph.node("Reshape", [pixels, graph.integers(0, grid, patch, grid, patch, 3)])
    sorted_ = graph.node("Transpose", [cut], perm=[1, 3, 0, 2, 4, 5])
    return graph.node("Reshape", [sorted_, graph.integers(grid**2, -1, patch * patch * 3)])


def patch_layer(parameters: Parameters, vision: Vision) -> Linear:
    """The patch convolution as a linear layer on raw pixels, with their normalisation folded in.

    (p / 255 − mean) / std · w = p · w / (255 std) − w · mean / std; sums in float64.
    """
    name = "vision_model.embeddings.patch_embedding.weight"
    kernel = parameters[name].astype(np.float64)  # (width, 3, patch, patch)
    mean, std = (np.array(x)[:, None, None] for x in (vision.mean, vision.std))
    weight = (kernel / (255 * std)).transpose(2, 3, 1, 0).reshape(-1, vision.width)
    bias = -(kernel * mean / std).sum((1, 2, 3))
    return Linear(weight.astype(np.float32), bias.astype(np.float32))


def _tokens(encoder: Encoder, patches: str, vision: Vision) -> str:
    """Embed the patches, put the class token before them, add positions."""
    graph, embeddings = encoder.graph, "vision_model.embeddings"
    positions = encoder.parameters[f"{embeddings}.position_embedding.weight"]
    layer = patch_layer(encoder.parameters, vision)
    embedded = encoder.precision.patches(graph, patches, layer)
    placed = graph.node("Add", [embedded, graph.constant(positions[1:, None])])
    token = encoder.parameters[f"{embeddings}.class_embedding"] + positions[0]
    return graph.node("Concat", [_repeated(graph, token, patches), placed], axis=0)


def _repeated(graph: Graph, token: Array, like: str) -> str:
    """One token (width,) for each of n: (1, n, width)."""
    count = graph.node("Shape", [like], start=1, end=2)
    shape = graph.node("Concat", [graph.integers(1), count, graph.integers(token.size)], axis=0)
    return graph.node("Expand", [graph.constant(token[None, None]), shape])
