"""Eight-bit integers, for values in a range and for weights with one scale per output."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_SMALLEST_SCALE = np.float32(1e-12)


def scale_and_zero(low: float, high: float, levels: int = 255) -> tuple[np.float32, np.uint8]:
    """Map a range, widened to contain zero, onto 0 … levels."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.maximum(np.float32((high - low) / levels), _SMALLEST_SCALE)
    return scale, np.uint8(np.clip(round(-low / float(scale)), 0, levels))


def quantised(
    weight: NDArray[np.float32], limit: int, least_scale: ArrayLike = _SMALLEST_SCALE
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round (…, outputs) to integers of ±limit, with one scale per output: (outputs,)."""
    axes = tuple(range(weight.ndim - 1))
    scales = np.abs(weight).max(axis=axes) / np.float32(limit)
    scales = np.maximum(np.maximum(scales, least_scale), _SMALLEST_SCALE).astype(np.float32)
    return np.rint(weight / scales).astype(np.int8), scales
