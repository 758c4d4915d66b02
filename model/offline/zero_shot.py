"""The zero-shot half's numbers: the classifier's own weights, shortened by a rotation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ZERO_SHOT = 254
Array = NDArray[np.float32]


@dataclass(frozen=True)
class ZeroShot:
    """The classifier's weights and the rotation that shortens them."""

    prototypes: Array  # (1000, 254) one row per class
    rotation: Array  # (1280, 254)

    @classmethod
    def of_classifier(cls, weight: Array) -> "ZeroShot":
        """Derive both from the classifier's weight (1000, 1280).

        Results are rounded to float16, far coarser than the differences between linear algebra
        libraries, so that every machine builds the same bundle.
        """
        centred = weight.astype(np.float64) - weight.mean(axis=0, dtype=np.float64)
        rows = centred / np.linalg.norm(centred, axis=1, keepdims=True)
        rotation = _principal_axes(rows)
        return cls(_rounded(rows @ rotation), _rounded(rotation))


def _principal_axes(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    _, _, axes = np.linalg.svd(rows, full_matrices=False)
    axes = axes[:ZERO_SHOT]
    # The sign of an axis is arbitrary; make its largest number positive.
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    rotation: NDArray[np.float64] = (axes * np.sign(largest)).T
    return rotation


def _rounded(x: NDArray[np.float64]) -> Array:
    return x.astype(np.float16).astype(np.float32)
