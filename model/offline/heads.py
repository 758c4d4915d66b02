"""The numbers that bring picture features and sentence vectors into one space, and their graphs.

A joint vector (512) is two halves side by side, each of length one before it gets its share.

Trained half (256). Picture: a linear layer on the square roots of the features. Words: a linear
layer plus a small network on the sentence vector. Learned from photographs with captions.

Zero-shot half (256). Picture: the features as they are, centred. Words: the classifier's own
weights, averaged over the classes whose names are near the words. Nothing is learned; it knows
the ImageNet nouns that captions lack. One rotation shortens both sides to 256 numbers.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..graph import Graph

HALF = 256
DIMENSION = 2 * HALF

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Heads:
    """What training leaves behind; float32 here, float16 in the file."""

    image_weight: Array  # (256, 1280)
    image_bias: Array  # (256,)
    text_weight: Array  # (256, 384)
    text_bias: Array  # (256,)
    text_hidden_weight: Array  # (hidden, 384)
    text_hidden_bias: Array  # (hidden,)
    text_output_weight: Array  # (256, hidden)
    class_texts: Array  # (1000, 384) unit sentence vectors of the class names
    feature_mean: Array  # (1280,) of the training pictures
    temperature: np.float32  # softmax over the class names
    zero_shot_weight: np.float32  # weight of the zero-shot half against the trained half's 1

    @classmethod
    def load(cls, path: Path) -> "Heads":
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            return cls(**{f.name: arrays[f.name].astype(np.float32)[()] for f in fields(cls)})

    def save(self, path: Path) -> None:
        """Write a compressed .npz."""
        arrays: dict[str, Any] = {
            f.name: getattr(self, f.name).astype(np.float16) for f in fields(self)
        }
        np.savez_compressed(path, allow_pickle=False, **arrays)


@dataclass(frozen=True)
class ZeroShot:
    """The classifier's weights and the rotation that shortens them."""

    prototypes: Array  # (1000, 256) one row per class
    rotation: Array  # (1280, 256)

    @classmethod
    def of_classifier(cls, weight: Array) -> "ZeroShot":
        """From the classifier's weight (1000, 1280).

        Results are rounded to float16, far coarser than the differences between linear algebra
        libraries, so that every machine builds the same bundle.
        """
        centred = weight.astype(np.float64) - weight.mean(axis=0, dtype=np.float64)
        rows = centred / np.linalg.norm(centred, axis=1, keepdims=True)
        rotation = _principal_axes(rows)
        return cls(_rounded(rows @ rotation), _rounded(rotation))


def _principal_axes(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    _, _, axes = np.linalg.svd(rows, full_matrices=False)
    axes = axes[:HALF]
    # The sign of an axis is arbitrary; make its largest number positive.
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    rotation: NDArray[np.float64] = (axes * np.sign(largest)).T
    return rotation


def _rounded(x: NDArray[np.float64]) -> Array:
    return x.astype(np.float16).astype(np.float32)


def add_image_head(graph: Graph, features: str, heads: Heads, zero_shot: ZeroShot) -> str:
    """Features (n, 1280) → unit joint vectors (n, 512)."""
    root = graph.node("Sqrt", [features])
    trained = graph.affine(root, heads.image_weight, heads.image_bias)
    centred = graph.binary("Sub", features, heads.feature_mean)
    rotated = graph.binary("MatMul", centred, zero_shot.rotation)
    return _joined(graph, trained, rotated, heads)


def add_text_head(graph: Graph, sentences: str, heads: Heads, zero_shot: ZeroShot) -> str:
    """Unit sentence vectors (n, 384) → unit joint vectors (n, 512)."""
    linear = graph.affine(sentences, heads.text_weight, heads.text_bias)
    trained = graph.node("Add", [linear, _network(graph, sentences, heads)])
    nearness = heads.class_texts.T / heads.temperature
    logits = graph.binary("MatMul", sentences, nearness)
    shares = graph.node("Softmax", [logits], axis=-1)
    averaged = graph.binary("MatMul", shares, zero_shot.prototypes)
    return _joined(graph, trained, averaged, heads)


def _network(graph: Graph, sentences: str, heads: Heads) -> str:
    hidden = graph.affine(sentences, heads.text_hidden_weight, heads.text_hidden_bias)
    active = _gelu(graph, hidden)
    return graph.binary("MatMul", active, heads.text_output_weight.T)


def _gelu(graph: Graph, x: str) -> str:
    """Return x · (1 + erf(x / √2)) / 2, in nodes that onnxruntime fuses into one."""
    scaled = graph.binary("Div", x, np.float32(np.sqrt(2)))
    error = graph.node("Erf", [scaled])
    gate = graph.binary("Add", error, np.float32(1))
    product = graph.node("Mul", [x, gate])
    return graph.binary("Mul", product, np.float32(0.5))


def _joined(graph: Graph, trained: str, zero_shot: str, heads: Heads) -> str:
    """Concatenate the halves, each made unit; the result's length is one by construction."""
    length = np.sqrt(1 + heads.zero_shot_weight**2)
    halves = [
        graph.binary("Mul", graph.unit(x), np.float32(share))
        for x, share in ((trained, 1 / length), (zero_shot, heads.zero_shot_weight / length))
    ]
    return graph.node("Concat", halves, axis=-1)
