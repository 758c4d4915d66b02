"""Seeded random weights: an architecture's true cost and numerics, without its meaning.

`plain` is what training starts from. It is easy to quantise: every channel looks like every other.
`outlier_rich` has the statistics that make trained transformers hard to quantise, as reported in
https://arxiv.org/abs/2208.07339 (a few residual channels tens of times larger than the rest, the
same in all blocks), https://arxiv.org/abs/2211.10438 (the norms' gains carry them into the linear
layers) and https://arxiv.org/abs/2402.17762 (some tokens much larger than others):

- linear weights follow Student's t with 5 degrees of freedom: heavy tails, and as large in every
  layer, so that attention has preferences and vectors of different images differ;
- 1 % of the residual channels are pushed by the biases of every block's last layers until they
  are about 30 times as large as the rest; the norms' gains there are small, as training makes them;
- the norms' other gains are log-normal, and 1 % of them 8–20 times as large;
- biases are not zero.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model.clip.architecture import Architecture, Transformer
from model.clip.parameters import Array, Shape, shapes

_STUDENT_FREEDOM = 5
_OUTLIERS = 0.01  # share of channels
_GAIN_SPREAD = 0.3  # of the gains' logarithms
_OUTLIER_GAIN = (8.0, 20.0)
_PUSHED = 30.0  # what the pushed channels grow to through the blocks
_PUSHED_GAIN = 0.2  # of the norms, on the pushed channels
_BIAS = 0.05


def plain(architecture: Architecture, seed: int = 0) -> dict[str, Array]:
    """Draw weights as transformers initialises a CLIPModel."""
    rng = np.random.default_rng(seed)
    return {
        name: _initial(rng, name, shape, _layers(architecture, name))
        for name, shape in shapes(architecture).items()
    }


def outlier_rich(architecture: Architecture, seed: int = 0) -> dict[str, Array]:
    """Draw weights with the outliers of a trained model; the module's docstring names them."""
    rng = np.random.default_rng(seed)
    parameters = plain(architecture, seed)
    for name, value in parameters.items():
        if value.ndim == 2 and "embedding" not in name:
            parameters[name] = _heavy_tailed(rng, value.shape)
        elif name.endswith("bias"):
            parameters[name] = rng.normal(0, _BIAS, value.shape).astype(np.float32)
        elif "norm" in name:
            parameters[name] = _gains(rng, value.size)
    _push(rng, parameters, "vision_model", architecture.vision)
    _push(rng, parameters, "text_model", architecture.text)
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


def _heavy_tailed(rng: Generator, shape: Shape) -> Array:
    """A matrix (outputs, inputs) that keeps the variance of what goes through it."""
    variance = shape[-1] * _STUDENT_FREEDOM / (_STUDENT_FREEDOM - 2)
    draw: Array = (rng.standard_t(_STUDENT_FREEDOM, shape) / np.sqrt(variance)).astype(np.float32)
    return draw


def _gains(rng: Generator, width: int) -> Array:
    gains = np.exp(rng.normal(0, _GAIN_SPREAD, width))
    chosen = _some(rng, width)
    gains[chosen] *= rng.uniform(*_OUTLIER_GAIN, chosen.size)
    return gains.astype(np.float32)


def _some(rng: Generator, width: int) -> NDArray[np.int64]:
    return rng.choice(width, max(1, round(width * _OUTLIERS)), replace=False)


def _push(rng: Generator, parameters: dict[str, Array], tower: str, shape: Transformer) -> None:
    """Let the same few residual channels grow in every block of a tower."""
    chosen = _some(rng, shape.width)
    step = rng.choice([-1, 1], chosen.size) * np.float32(_PUSHED / (2 * shape.layers))
    for name, value in parameters.items():
        if name.startswith(tower) and name.endswith(("out_proj.bias", "fc2.bias")):
            value[chosen] += step
        elif name.startswith(tower) and "norm" in name and name.endswith("weight"):
            value[chosen] = _PUSHED_GAIN
