"""Observes the inputs of a tower's linear layers while it embeds real images and sentences."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..graph import Graph
from ..sessions import Feed, session
from .linear import Fp32
from .parameters import Array


@dataclass(frozen=True)
class Observed:
    """The range of every channel of one layer's input, over all feeds."""

    low: Array  # (channels,)
    high: Array  # (channels,)

    @property
    def largest(self) -> Array:
        """The channels' largest magnitudes."""
        return np.maximum(-self.low, self.high)

    @property
    def range(self) -> tuple[float, float]:
        """The whole range: clipping one number in ten thousand costs more than finer steps gain."""
        return float(self.low.min()), float(self.high.max())

    def divided(self, factors: Array) -> "Observed":
        """The ranges with each channel divided by its factor."""
        return Observed(self.low / factors, self.high / factors)

    def joined(self, other: "Observed") -> "Observed":
        """The ranges that cover this one and another."""
        return Observed(np.minimum(self.low, other.low), np.maximum(self.high, other.high))


def observe(graph: Graph, precision: Fp32, feeds: Iterable[Feed]) -> dict[str, Observed]:
    """Run a full-precision graph on feeds, and return the ranges by the layers' names."""
    for tensor in precision.inputs.values():
        graph.output(tensor, [None, None, None])
    tower = session(graph.model())
    seen: dict[str, Observed] = {}
    for feed in feeds:
        values = tower.run(list(precision.inputs.values()), feed)
        for name, value in zip(precision.inputs, values, strict=True):
            now = Observed(value.min(axis=(0, 1)), value.max(axis=(0, 1)))
            seen[name] = seen[name].joined(now) if name in seen else now
    return seen
