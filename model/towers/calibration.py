"""Observes what goes into a tower's linear layers while it embeds real pictures and sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import onnxruntime as ort
from numpy.random import Generator
from numpy.typing import NDArray

from .graph import Graph
from .linear import Fp32
from .parameters import Array
from .quantise import Range

Feed: TypeAlias = Mapping[str, NDArray[np.generic]]

# Tokens kept of each picture or sentence, to try settings on: about a thousand in all.
_KEPT_ROWS = 12


@dataclass(frozen=True)
class Observed:
    """One layer's input over all feeds."""

    low: Array  # (channels,)
    high: Array  # (channels,)
    rows: Array  # (tokens, channels), some of them

    @property
    def largest(self) -> Array:
        """The largest magnitude of each channel."""
        return np.maximum(-self.low, self.high)

    def range(self, factors: Array, clip: float) -> Range:
        """The range of all numbers, channels divided by factors, shortened to a share of it."""
        low, high = (self.low / factors).min(), (self.high / factors).max()
        return Range(float(low) * clip, float(high) * clip)


def observe(graph: Graph, precision: Fp32, feeds: Iterable[Feed]) -> dict[str, Observed]:
    """Run a full-precision graph on feeds; what was seen, by the layers' names."""
    for tensor in precision.inputs.values():
        graph.output(tensor, [None, None, None])
    session = _session(graph)
    seen: dict[str, list[Observed]] = {name: [] for name in precision.inputs}
    rng = np.random.default_rng(0)
    for feed in feeds:
        values = session.run(list(precision.inputs.values()), feed)
        for name, value in zip(precision.inputs, values, strict=True):
            seen[name].append(_observed(rng, value.reshape(-1, value.shape[-1])))
    return {name: _joined(parts) for name, parts in seen.items()}


def _observed(rng: Generator, x: Array) -> Observed:
    """Keep the first token, which may be the class token, and others by chance."""
    others = rng.choice(len(x), min(_KEPT_ROWS, len(x)), replace=False)
    kept = np.union1d([0], others)
    return Observed(x.min(axis=0), x.max(axis=0), x[kept])


def _joined(parts: list[Observed]) -> Observed:
    return Observed(
        np.min([part.low for part in parts], axis=0),
        np.max([part.high for part in parts], axis=0),
        np.concatenate([part.rows for part in parts]),
    )


def _session(graph: Graph) -> ort.InferenceSession:
    return ort.InferenceSession(
        graph.model().SerializeToString(), providers=["CPUExecutionProvider"]
    )
