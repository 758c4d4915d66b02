"""Seeded random weights: an architecture's true cost and numerics, without its meaning.

`plain` is what training starts from. It is easy to quantise: every channel looks like every other.
`outlier_rich` has the statistics that make trained transformers hard to quantise, as reported in
https://arxiv.org/abs/2208.07339 (a few residual channels tens of times larger than the rest, the
same in all blocks), https://arxiv.org/abs/2211.10438 (the norms' gains carry them into the linear
layers) and https://arxiv.org/abs/2402.17762 (some tokens much larger than others):

- linear weights follow Student's t with 5 degrees of freedom: heavy tails, the same variance;
- 1 % of the residual channels are pushed by the biases of every block's last layers;
- the norms' gains are log-normal, and 1 % of them 8–20 times as large, in other channels;
- biases are not zero.
"""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from .architecture import Architecture
from .parameters import Array, Shape, shapes

_STUDENT_FREEDOM = 5
_OUTLIERS = 0.01  # share of channels
_GAIN_SPREAD = 0.3  # of the gains' logarithms
_OUTLIER_GAIN = (8.0, 20.0)
_OUTLIER_PUSH = 4.0  # onto a residual channel, twice in each block; others get _BIAS
_BIAS = 0.1


def plain(architecture: Architecture, seed: int = 0) -> dict[str, Array]:
    """Draw weights as transformers initialises a CLIPModel."""
    rng = np.random.default_rng(seed)
    return {
        name: _initial(rng, name, shape, _layers(architecture, name))
        for name, shape in shapes(architecture).items()
    }


def outlier_rich(architecture: Architecture, seed: int = 0) -> dict[str, Array]:
    """Draw weights with the outliers of a trained model; the module's docstring says which."""
    rng = np.random.default_rng(seed)
    parameters = plain(architecture, seed)
    for name, value in parameters.items():
        if value.ndim == 2 and "embedding" not in name:
            parameters[name] = _heavy_tailed(rng, value)
        elif name.endswith("bias"):
            parameters[name] = rng.normal(0, _BIAS, value.shape).astype(np.float32)
        elif "norm" in name:
            parameters[name] = _gains(rng, value.size)
    for tower in ("vision_model", "text_model"):
        _push_residuals(rng, parameters, tower)
    return parameters


def _layers(architecture: Architecture, name: str) -> int:
    return (architecture.vision if name.startswith("vis") else architecture.text).layers


def _initial(rng: Generator, name: str, shape: Shape, layers: int) -> Array:
    if "norm" in name and name.endswith("weight"):
        return np.ones(shape, np.float32)
    if name.endswith("bias"):
        return np.zeros(shape, np.float32)
    return rng.standard_normal(shape, np.float32) * np.float32(_deviation(name, shape, layers))


def _deviation(name: str, shape: Shape, layers: int) -> float:
    """CLIPPreTrainedModel._init_weights; `shape` is (outputs, inputs)."""
    width = shape[-1]
    if name.endswith("class_embedding"):
        return float(width**-0.5)
    if "embedding" in name:
        return 0.02
    if any(part in name for part in ("q_proj", "k_proj", "v_proj")):
        return float((width * 2 * layers) ** -0.5)
    if "fc1" in name:
        return float((2 * width) ** -0.5)
    if "fc2" in name:
        return float((shape[0] * 2 * layers) ** -0.5)
    return float(width**-0.5)


def _heavy_tailed(rng: Generator, like: Array) -> Array:
    draw = rng.standard_t(_STUDENT_FREEDOM, like.shape).astype(np.float32)
    unit = np.float32(np.sqrt((_STUDENT_FREEDOM - 2) / _STUDENT_FREEDOM))
    scaled: Array = draw * unit * like.std()
    return scaled


def _gains(rng: Generator, width: int) -> Array:
    gains = np.exp(rng.normal(0, _GAIN_SPREAD, width))
    chosen = _some(rng, width)
    gains[chosen] *= rng.uniform(*_OUTLIER_GAIN, chosen.size)
    return gains.astype(np.float32)


def _some(rng: Generator, width: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return rng.choice(width, max(1, round(width * _OUTLIERS)), replace=False)


def _push_residuals(rng: Generator, parameters: dict[str, Array], tower: str) -> None:
    names = list(_residual_biases(parameters, tower))
    chosen = _some(rng, parameters[names[0]].size)
    signs = rng.choice([-1, 1], chosen.size)
    for name in names:
        parameters[name][chosen] += (signs * _OUTLIER_PUSH).astype(np.float32)


def _residual_biases(parameters: dict[str, Array], tower: str) -> Iterator[str]:
    ends = ("self_attn.out_proj.bias", "mlp.fc2.bias")
    return (name for name in parameters if name.startswith(tower) and name.endswith(ends))
