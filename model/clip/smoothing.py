"""Moves magnitude from activations into weights, where it is easier to quantise: SmoothQuant.

Dividing a channel by a factor before a linear layer and multiplying the layer's column by it
changes nothing in full precision, but evens out the magnitudes that are quantised
(https://arxiv.org/abs/2211.10438). The division is folded into what comes before: a norm, or the
value projection before the output projection. Between the two layers of a block's network is an
activation through which no factor can be moved.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from .calibration import Observed
from .parameters import Array, Parameters

_SMALLEST = 1e-5


@dataclass(frozen=True)
class Pair:
    """Who writes a tensor (a norm or a linear layer), and the linear layers that read it."""

    tensor: str
    """Its name in a calibration."""
    writer: str
    readers: tuple[str, ...]


def pairs(tower: str, layers: int) -> Iterator[Pair]:
    """Every pair of a tower's blocks."""
    for block in (f"{tower}.encoder.layers.{index}" for index in range(layers)):
        attention, hidden = f"{block}.self_attn", f"{block}.mlp.fc1"
        packed = tuple(f"{attention}.{part}_proj" for part in "qkv")
        output = f"{attention}.out_proj"
        yield Pair(attention, f"{block}.layer_norm1", packed)
        yield Pair(output, f"{attention}.v_proj", (output,))
        yield Pair(hidden, f"{block}.layer_norm2", (hidden,))


def smoothing_factors(
    parameters: Parameters,
    places: Iterable[Pair],
    observed: Mapping[str, Observed],
    strength: float,
) -> dict[str, Array]:
    """The divisors of each tensor's channels.

    `strength` (0 … 1) is the share of the magnitude that moves into the weights.
    """
    return {
        pair.tensor: _factors(
            observed[pair.tensor].largest,
            [parameters[f"{r}.weight"] for r in pair.readers],
            strength,
        )
        for pair in places
    }


def _factors(largest: Array, weights: list[Array], strength: float) -> Array:
    reading = np.max([np.abs(weight).max(axis=0) for weight in weights], axis=0)
    up = np.maximum(largest, _SMALLEST) ** strength
    down = np.maximum(reading, _SMALLEST) ** (1 - strength)
    result: Array = (up / down).astype(np.float32)
    return result


def smoothed(
    parameters: Parameters, places: Iterable[Pair], divisors: Mapping[str, Array]
) -> dict[str, Array]:
    """Equivalent parameters whose tensors are divided by `divisors`."""
    result = dict(parameters)
    for pair in places:
        factor = divisors[pair.tensor]
        for reader in pair.readers:
            result[f"{reader}.weight"] = result[f"{reader}.weight"] * factor
        for name in (f"{pair.writer}.weight", f"{pair.writer}.bias"):
            result[name] = (result[name].T / factor).T
    return result
