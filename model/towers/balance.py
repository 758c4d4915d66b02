"""Moves magnitude from activations into weights, where it is easier to quantise: SmoothQuant.

Multiplying a channel by s before a linear layer and dividing the layer's column by s changes
nothing in full precision (https://arxiv.org/abs/2211.10438). The factor is folded into what comes
before: a norm's gain and bias, or the value projection before the output projection. Between the
two layers of a block's network is an activation through which no factor can be moved.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .architecture import Architecture
from .parameters import Array, Parameters

STRENGTH = 0.5  # share of the magnitude that moves: the paper's default
_SMALLEST = 1e-5


@dataclass(frozen=True)
class Pair:
    """Who writes a channel (norm or linear layer), and the linear layers that read it."""

    writer: str
    readers: tuple[str, ...]
    tensor: str
    """Name of the layer whose input is between them, as a calibration knows it."""


def balanced(
    parameters: Parameters, pairs: Sequence[Pair], largest: Mapping[str, Array]
) -> dict[str, Array]:
    """Equivalent parameters with even channels; `largest` holds max |x| (channels,) of tensors."""
    result = dict(parameters)
    for pair in pairs:
        factors = _factors(largest[pair.tensor], [result[f"{r}.weight"] for r in pair.readers])
        for name in (f"{pair.writer}.weight", f"{pair.writer}.bias"):
            result[name] = (result[name].T / factors).T
        for reader in pair.readers:
            result[f"{reader}.weight"] = result[f"{reader}.weight"] * factors
    return result


def _factors(largest: Array, weights: list[Array]) -> Array:
    reading = np.max([np.abs(weight).max(axis=0) for weight in weights], axis=0)
    factors: Array = np.maximum(largest, _SMALLEST) ** STRENGTH
    factors /= np.maximum(reading, _SMALLEST) ** (1 - STRENGTH)
    return factors


def pairs(tower: str, layers: int) -> Iterator[Pair]:
    """Every pair of a tower's blocks."""
    for block in (f"{tower}.encoder.layers.{index}" for index in range(layers)):
        attention = f"{block}.self_attn"
        packed = tuple(f"{attention}.{p}_proj" for p in "qkv")
        yield Pair(f"{block}.layer_norm1", packed, attention)
        yield Pair(f"{attention}.v_proj", (f"{attention}.out_proj",), f"{attention}.out_proj")
        yield Pair(f"{block}.layer_norm2", (f"{block}.mlp.fc1",), f"{block}.mlp.fc1")
