"""Chooses the scales of activations, and moves magnitude into weights where that helps.

Dividing a channel by a factor before a linear layer and multiplying the layer's column by it
changes nothing in full precision, but evens out what has to be quantised (SmoothQuant,
https://arxiv.org/abs/2211.10438). The division is folded into what comes before: a norm, or the
value projection before the output projection. Between the two layers of a block's network is an
activation through which no factor can be moved. How much to move, and how much of the range to
clip, is tried on observed tokens: the least error of the layer's result wins.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .calibration import Observed
from .parameters import Array, Parameters
from .quantise import Range, quantised

# Share of the magnitude that moves; the paper's default is 0.5.
_STRENGTHS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_CLIPS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)  # share of the range that is kept
_SMALLEST = 1e-5

Weights: TypeAlias = tuple[dict[str, Array], dict[str, Range]]


@dataclass(frozen=True)
class Site:
    """A tensor that is quantised: the linear layers that read it and, if it can, who scales it."""

    tensor: str
    """As a calibration knows it."""
    readers: tuple[str, ...]
    writer: str | None = None


def sites(tower: str, layers: int, projection: str) -> Iterator[Site]:
    """Every site of a tower but its pixels, which are integers already."""
    for block in (f"{tower}.encoder.layers.{index}" for index in range(layers)):
        attention, network = f"{block}.self_attn", f"{block}.mlp"
        packed = tuple(f"{attention}.{part}_proj" for part in "qkv")
        yield Site(attention, packed, f"{block}.layer_norm1")
        output = f"{attention}.out_proj"
        yield Site(output, (output,), f"{attention}.v_proj")
        yield Site(f"{network}.fc1", (f"{network}.fc1",), f"{block}.layer_norm2")
        yield Site(f"{network}.fc2", (f"{network}.fc2",))
    yield Site(projection, (projection,))


def balanced(
    parameters: Parameters, places: Iterable[Site], observed: Mapping[str, Observed], limit: int
) -> Weights:
    """Equivalent parameters, and the ranges of what they are multiplied with, by tensor.

    `limit` is the largest integer that weights are stored as.
    """
    result, ranges = dict(parameters), {}
    for site in places:
        weights = [result[f"{reader}.weight"] for reader in site.readers]
        trial = _Trial(observed[site.tensor], np.concatenate(weights).T, limit)
        factors = trial.factors(_STRENGTHS if site.writer else _STRENGTHS[:1])
        ranges[site.tensor] = trial.range(factors)
        _move(result, site, factors)
    return result, ranges


def _move(parameters: dict[str, Array], site: Site, factors: Array) -> None:
    for reader in site.readers if site.writer else ():
        parameters[f"{reader}.weight"] = parameters[f"{reader}.weight"] * factors
    for name in (f"{site.writer}.weight", f"{site.writer}.bias") if site.writer else ():
        parameters[name] = (parameters[name].T / factors).T


class _Trial:
    """A linear layer on observed tokens, to try settings on."""

    def __init__(self, seen: Observed, weight: Array, limit: int) -> None:
        self._seen, self._weight, self._limit = seen, weight, limit
        self._exact = seen.rows @ weight

    def factors(self, strengths: Iterable[float]) -> Array:
        """The best factors (channels,)."""
        candidates = [self._factors(strength) for strength in strengths]
        return min(candidates, key=lambda factors: self._error(factors, 1.0))

    def range(self, factors: Array) -> Range:
        """The best range, given the factors."""
        clip = min(_CLIPS, key=lambda clip: self._error(factors, clip))
        return self._seen.range(factors, clip)

    def _factors(self, strength: float) -> Array:
        reading = np.maximum(np.abs(self._weight).max(axis=1), _SMALLEST)
        factors = np.maximum(self._seen.largest, _SMALLEST) ** strength / reading ** (1 - strength)
        # No movement at all would be strength 0 with equal weights: leave their pattern alone.
        return factors.astype(np.float32) if strength else np.ones_like(factors)

    def _error(self, factors: Array, clip: float) -> float:
        integers, scales = quantised(self._weight * factors[:, None], self._limit)
        tokens = self._seen.range(factors, clip).rounded(self._seen.rows / factors)
        return float(np.square(tokens @ (integers * scales) - self._exact).mean())
