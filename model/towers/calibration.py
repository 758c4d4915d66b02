"""Observes what flows into a tower's linear layers while it embeds real pictures and sentences."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image

from .graph import Graph
from .linear import Fp32
from .parameters import Array
from .quantise import Range

Feed = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Observed:
    """One layer's input: its channels' largest magnitudes and the range that holds its numbers."""

    largest: Array  # (channels,)
    range: Range


def observed(
    graph: Graph, precision: Fp32, feeds: Iterable[Feed], share: float
) -> dict[str, Observed]:
    session = _session(graph, precision.inputs.values())
    ...
