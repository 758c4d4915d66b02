"""Weights of the tiny model, without meaning.

`plain` is what training starts from. It is easy to quantise: every channel looks like every other.
`outlier_rich` has the statistics that make trained transformers hard to quantise, as reported in
https://arxiv.org/abs/2208.07339 (a few residual channels tens of times larger than the rest, the
same in all blocks), https://arxiv.org/abs/2211.10438 (the norms' gains carry them into the linear
layers) and https://arxiv.org/abs/2402.17762 (some tokens much larger than others):

- linear weights follow Student's t with 5 degrees of freedom: heavy tails, and as large in every
  layer, so that attention has preferences and vectors of different images differ;
- a residual channel is pushed by the biases of every block's last layers until it is about 30
  times as large as the rest; the norms' gains there are small, as training makes them;
- the norms' other gains are log-normal, and one of them is 8 to 20 times as large.
"""

from functools import cache
from pathlib import Path

import numpy as np

from model.clip.checkpoint import read_parameters
from model.clip.parameters import Array

from .tiny import TINY

CHECKPOINT = Path(__file__).parent / "data" / "transformers.safetensors"
_STUDENT_FREEDOM = 5
_GAIN_SPREAD = 0.3  # of the gains' logarithms
_OUTLIER_GAIN = (8.0, 20.0)
_PUSHED = 30.0  # what the pushed channel grows to through the blocks
_PUSHED_GAIN = 0.2  # of the norms, on the pushed channel
_BIAS = 0.05


@cache
def _checkpoint() -> dict[str, Array]:
    return dict(read_parameters(CHECKPOINT, TINY))


def plain() -> dict[str, Array]:
    """A CLIPModel's weights as transformers initialises them; its biases are not zero."""
    return {name: value.copy() for name, value in _checkpoint().items()}


def outlier_rich() -> dict[str, Array]:
    """Weights with the outliers of a trained model; the module's docstring names them."""
    rng, parameters = np.random.default_rng(0), plain()
    for name, value in parameters.items():
        if value.ndim == 2 and "embedding" not in name:
            variance = value.shape[-1] * _STUDENT_FREEDOM / (_STUDENT_FREEDOM - 2)
            drawn = rng.standard_t(_STUDENT_FREEDOM, value.shape) / np.sqrt(variance)
        elif name.endswith("bias"):
            drawn = rng.normal(0, _BIAS, value.shape)
        elif "norm" in name:
            drawn = np.exp(rng.normal(0, _GAIN_SPREAD, value.size))
            drawn[rng.integers(value.size)] *= rng.uniform(*_OUTLIER_GAIN)
        else:
            continue
        parameters[name] = drawn.astype(np.float32)
    for tower, shape in (("vision_model", TINY.vision), ("text_model", TINY.text)):
        _push(parameters, tower, int(rng.integers(shape.width)), _PUSHED / (2 * shape.layers))
    return parameters


def _push(parameters: dict[str, Array], tower: str, channel: int, step: float) -> None:
    """Let the same residual channel grow in every block of a tower."""
    for name, value in parameters.items():
        if name.startswith(tower) and name.endswith(("out_proj.bias", "fc2.bias")):
            value[channel] += step
        elif name.startswith(tower) and "norm" in name and name.endswith("weight"):
            value[channel] = _PUSHED_GAIN
