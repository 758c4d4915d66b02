"""EfficientNet-Lite0 as an ONNX graph, from the weights of its PyTorch port.

Architecture: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
Names of the weights: https://github.com/lukemelas/EfficientNet-PyTorch
Batch normalisation is folded into the convolutions. Its parameters also bound the values, so that
int8 needs no images for calibration: https://arxiv.org/abs/1906.04721
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from ..graph import Graph
from .int8 import Spread, convolution_constants, integer_values

IMAGE_SIZE = 224  # pixels a side
FEATURES = 1280  # numbers per image before the classifier
PIXEL_MEAN, PIXEL_SCALE = np.float32(127), np.float32(128)
BATCH_NORM_EPSILON = 1e-3
RELU6_LARGEST = 6.0
EXACT = ("_conv_stem", "_blocks.0._depthwise_conv")  # the results that int8 would harm most

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
    step: float | None = None  # between neighbouring values if they are int8


class EfficientNet:
    """Writes the network into a graph, layer by layer; in float32, as it was trained, or int8."""

    def __init__(self, graph: Graph, weights: Weights, *, int8: bool) -> None:
        self._graph = graph
        self._weights = weights
        self._int8 = int8

    def features(self, pixels: str) -> str:
        """Pixels uint8 (n, 224, 224, 3) RGB → pooled features float32 (n, 1280), not negative."""
        x = Tensor(self._normalised(pixels), 3, IMAGE_SIZE)
        x = self._convolution(x, "_conv_stem", "_bn0", stride=2)
        number = 0
        for stage in STAGES:
            x, spread = self._block(x, f"_blocks.{number}", stage, stage.stride)
            for repeat in range(number + 1, number + stage.repeats):
                out, more = self._block(x, f"_blocks.{repeat}", stage)
                spread += more
                x = self._sum(out, x, spread)
            number += stage.repeats
        x = self._convolution(x, "_conv_head", "_bn1")
        pooled = self._graph.node("GlobalAveragePool", [x.name])
        return self._graph.node("Flatten", [pooled], axis=1)

    def _normalised(self, pixels: str) -> str:
        # Transposing before the cast moves a quarter of the bytes.
        planes = self._graph.node("Transpose", [pixels], perm=[0, 3, 1, 2])
        x = self._graph.node("Cast", [planes], to=TensorProto.FLOAT)
        x = self._graph.binary("Sub", x, PIXEL_MEAN)
        return self._graph.binary("Div", x, PIXEL_SCALE)

    def _block(self, x: Tensor, name: str, stage: Stage, stride: int = 1) -> tuple[Tensor, Spread]:
        inner = x
        if stage.expansion > 1:
            inner = self._convolution(inner, f"{name}._expand_conv", f"{name}._bn0")
        inner = self._convolution(
            inner, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, groups=inner.width
        )
        spread = self._spread(f"{name}._bn2")
        out = self._convolution(inner, f"{name}._project_conv", f"{name}._bn2", spread=spread)
        return out, spread

    def _sum(self, out: Tensor, x: Tensor, spread: Spread) -> Tensor:
        total = self._graph.node("Add", [out.name, x.name])
        return self._integers(Tensor(total, out.width, out.side), spread.largest(), signed=True)

    def _spread(self, norm: str) -> Spread:
        gamma, beta = (self._weights[f"{norm}.{p}"].astype(np.float64) for p in ("weight", "bias"))
        return Spread(beta, gamma**2)

    def _convolution(
        self,
        x: Tensor,
        name: str,
        norm: str,
        *,
        stride: int = 1,
        groups: int = 1,
        spread: Spread | None = None,
    ) -> Tensor:
        """Convolution, then ReLU6 unless the `spread` of a linear result is given."""
        weight, bias = folded(self._weights, name, norm)
        width, _, kernel, _ = weight.shape
        constants = convolution_constants(self._graph, name, weight, bias, x.step)
        side, pads = same_padding(x.side, kernel, stride)
        out = self._graph.node(
            "Conv", [x.name, *constants], strides=[stride] * 2, pads=pads, group=groups
        )
        result = Tensor(out if spread else self._relu6(out), width, side)
        if name in EXACT:
            return result
        largest = spread.largest() if spread else RELU6_LARGEST
        return self._integers(result, largest, signed=spread is not None)

    def _integers(self, x: Tensor, largest: float, *, signed: bool) -> Tensor:
        if not self._int8:
            return x
        name, step = integer_values(self._graph, x.name, largest, signed=signed)
        return Tensor(name, x.width, x.side, step)

    def _relu6(self, x: str) -> str:
        bounds = [self._graph.constant(np.float32(bound)) for bound in (0, RELU6_LARGEST)]
        return self._graph.node("Clip", [x, *bounds])


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
