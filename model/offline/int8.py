"""Convolutions in int8: pairs of QuantizeLinear and DequantizeLinear that the runtime fuses away.

https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..graph import Graph
from ..quantise import quantised, scale_and_zero

# x86 processors without VNNI instructions add products of pointwise convolutions two by two in
# 16 bits. Weights of 7 bits never overflow them, so that every processor gets the same sums.
POINTWISE_STEPS, DEPTHWISE_STEPS = 63, 127
LARGEST_BIAS = 2**30  # steps; leaves room in int32 for the sum

REACH = 6.0  # standard deviations from a channel's mean that fit; 5 and 8 do as well

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Spread:
    """Mean and variance of each channel over the training images, from batch normalisation."""

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]

    def __add__(self, other: "Spread") -> "Spread":
        return Spread(self.mean + other.mean, self.variance + other.variance)

    def largest(self) -> float:
        """The magnitude that hardly any value of any channel exceeds."""
        return float((np.abs(self.mean) + REACH * np.sqrt(self.variance)).max())


def integer_values(graph: Graph, x: str, largest: float, *, signed: bool) -> tuple[str, float]:
    """Hold x in 256 steps of 0..largest or ±largest; return its name and the size of a step."""
    step, zero = scale_and_zero(-largest if signed else 0, largest)
    constants = [graph.constant(step), graph.constant(zero)]
    integers = graph.node("QuantizeLinear", [x, *constants])
    return graph.node("DequantizeLinear", [integers, *constants]), float(step)


def convolution_constants(
    graph: Graph, name: str, weight: Float32, bias: Float32, step: float | None
) -> list[str]:
    """Store a convolution's weight (o, i, k, k) and bias (o,) in the type of its input.

    `step` is the step of an int8 input; it is None if the input is float32.
    """
    if step is None:
        return [graph.constant(weight), graph.constant(bias)]
    count = POINTWISE_STEPS if weight.shape[1] > 1 else DEPTHWISE_STEPS
    # A channel that is always off has weights near zero, and its bias would overflow.
    integers, steps = quantised(weight.T, count, np.abs(bias) / (step * LARGEST_BIAS))
    bias_steps = steps * np.float32(step)  # the runtime adds the bias to the sums of products
    biases = np.rint(bias / bias_steps).astype(np.int32)
    return [
        _steps_of(graph, f"{name}.weight", integers.T, steps),
        _steps_of(graph, f"{name}.bias", biases, bias_steps),
    ]


def _steps_of(graph: Graph, name: str, values: NDArray[np.signedinteger], steps: Float32) -> str:
    """Store whole numbers of steps, one step for each output channel."""
    inputs = [
        graph.constant(values, f"{name}.integers"),
        graph.constant(steps, f"{name}.steps"),
        graph.constant(np.zeros(len(steps), values.dtype)),
    ]
    return graph.node("DequantizeLinear", inputs, axis=0)
