"""Observes what goes into a tower's linear layers while it embeds real pictures and sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from .graph import Graph
from .linear import Fp32
from .parameters import Array
from .quantise import Range

Feed: TypeAlias = Mapping[str, NDArray[np.generic]]


@dataclass
class Observed:
    """One layer's input over all feeds: what its channels and its numbers reached."""

    largest: Array | np.float32 = np.float32(0)  # (channels,) magnitudes
    low: float = 0.0
    high: float = 0.0

    def add(self, x: Array, share: float) -> None:
        """Widen by x (…, channels); `share` per cent of its numbers lie in the range."""
        channels = np.abs(x.reshape(-1, x.shape[-1])).max(axis=0)
        self.largest = np.maximum(self.largest, channels)
        low, high = _limits(x, share)
        self.low, self.high = min(self.low, low), max(self.high, high)

    @property
    def range(self) -> Range:
        """The range of the numbers."""
        return Range(self.low, self.high)


def _limits(x: Array, share: float) -> tuple[float, float]:
    if share >= 100:  # sorting all numbers takes as long as making them
        return float(x.min()), float(x.max())
    low, high = np.percentile(x, [100 - share, share])
    return float(low), float(high)


def observe(
    graph: Graph, precision: Fp32, feeds: Iterable[Feed], share: float = 100
) -> dict[str, Observed]:
    """Run a full-precision graph on feeds; what was seen, by the layers' names."""
    for tensor in precision.inputs.values():
        graph.output(tensor, [None, None, None])
    session = _session(graph)
    observed = {name: Observed() for name in precision.inputs}
    for feed in feeds:
        values = session.run(list(precision.inputs.values()), feed)
        for name, value in zip(precision.inputs, values, strict=True):
            observed[name].add(value, share)
    return observed


def _session(graph: Graph) -> ort.InferenceSession:
    return ort.InferenceSession(
        graph.model().SerializeToString(), providers=["CPUExecutionProvider"]
    )
