"""EfficientNet-Lite0 as an ONNX graph, from the weights of its PyTorch port.

Architecture: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
Names of the weights: https://github.com/lukemelas/EfficientNet-PyTorch
Batch normalisation is folded into the convolutions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from .graph import Graph

IMAGE_SIZE = 224  # pixels a side
FEATURES = 1280  # numbers per picture before the classifier
PIXEL_MEAN, PIXEL_SCALE = np.float32(127), np.float32(128)
BATCH_NORM_EPSILON = 1e-3

Weights = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Stage:
    """A run of inverted-residual blocks; only the first may change stride and width."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    width: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


@dataclass(frozen=True)
class Tensor:
    """A square feature map in the graph: its name, channels and side in pixels."""

    name: str
    width: int
    side: int


class EfficientNet:
    """Writes the network into a graph, layer by layer."""

    def __init__(self, graph: Graph, weights: Weights) -> None:
        self._graph = graph
        self._weights = weights

    def features(self, pixels: str) -> str:
        """Pixels uint8 (n, 224, 224, 3) RGB → pooled features float32 (n, 1280), not negative."""
        x = Tensor(self._normalised(pixels), 3, IMAGE_SIZE)
        x = self._convolution(x, "_conv_stem", "_bn0", stride=2)
        for number, (stage, first) in enumerate(_blocks()):
            x = self._block(x, f"_blocks.{number}", stage, stage.stride if first else 1)
        x = self._convolution(x, "_conv_head", "_bn1")
        pooled = self._graph.node("GlobalAveragePool", [x.name], "pooled")
        return self._graph.node("Flatten", [pooled], "features", axis=1)

    def _normalised(self, pixels: str) -> str:
        # Transposing before the cast moves a quarter of the bytes.
        planes = self._graph.node("Transpose", [pixels], "planes", perm=[0, 3, 1, 2])
        x = self._graph.node("Cast", [planes], "planes.float", to=TensorProto.FLOAT)
        x = self._graph.binary("Sub", x, PIXEL_MEAN, "planes.centred")
        return self._graph.binary("Div", x, PIXEL_SCALE, "planes.scaled")

    def _block(self, x: Tensor, name: str, stage: Stage, stride: int) -> Tensor:
        inner = x
        if stage.expansion > 1:
            inner = self._convolution(inner, f"{name}._expand_conv", f"{name}._bn0")
        inner = self._convolution(
            inner, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, groups=inner.width
        )
        out = self._convolution(inner, f"{name}._project_conv", f"{name}._bn2", relu=False)
        if stride > 1 or out.width != x.width:
            return out
        return Tensor(self._graph.node("Add", [out.name, x.name], name), out.width, out.side)

    def _convolution(
        self,
        x: Tensor,
        name: str,
        norm: str,
        *,
        stride: int = 1,
        groups: int = 1,
        relu: bool = True,
    ) -> Tensor:
        weight, bias = folded(self._weights, name, norm)
        width, _, kernel, _ = weight.shape
        constants = [
            self._graph.constant(f"{name}.weight", weight),
            self._graph.constant(f"{name}.bias", bias),
        ]
        side, pads = same_padding(x.side, kernel, stride)
        out = self._graph.node(
            "Conv", [x.name, *constants], name, strides=[stride] * 2, pads=pads, group=groups
        )
        return Tensor(self._relu6(out) if relu else out, width, side)

    def _relu6(self, x: str) -> str:
        bounds = [self._graph.constant(f"{x}.{bound}", np.float32(bound)) for bound in (0, 6)]
        return self._graph.node("Clip", [x, *bounds], f"{x}.relu6")


def _blocks() -> Iterator[tuple[Stage, bool]]:
    return ((stage, i == 0) for stage in STAGES for i in range(stage.repeats))


def folded(
    weights: Weights, name: str, norm: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Convolution weight (o, i, k, k) and bias (o,) that include the batch normalisation."""
    gamma, beta, mean, variance = (
        weights[f"{norm}.{part}"].astype(np.float64)
        for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
    weight = weights[f"{name}.weight"] * scale[:, None, None, None]
    return weight.astype(np.float32), (beta - mean * scale).astype(np.float32)


def same_padding(side: int, kernel: int, stride: int) -> tuple[int, list[int]]:
    """Output side, and ONNX pads that match TensorFlow's SAME (the odd pixel at the end)."""
    out = -(-side // stride)
    total = max((out - 1) * stride + kernel - side, 0)
    before, after = total // 2, total - total // 2
    return out, [before, before, after, after]
