"""The hyperparameters of a dual-tower transformer: models differ in values, not in code.

The family is CLIP's (https://arxiv.org/abs/2103.00020): pre-norm blocks, a class token in the
vision tower, one pooled token per text, bias-free projections into a shared space.
"""

from dataclasses import dataclass
from typing import Literal

Activation = Literal["quick_gelu", "gelu"]

# The mean and the standard deviation of pixels in OpenAI's model, and in most since:
# https://github.com/openai/CLIP/blob/main/clip/clip.py
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True)
class Transformer:
    """The part that both towers share."""

    layers: int
    width: int
    heads: int
    mlp: int
    activation: Activation
    epsilon: float = 1e-5


@dataclass(frozen=True)
class Vision(Transformer):
    """Square patches of a square image, preceded by a class token, which is pooled.

    The defaults are those of ViT-B/32.
    """

    patch: int = 32
    image_size: int = 224
    mean: tuple[float, float, float] = CLIP_MEAN
    std: tuple[float, float, float] = CLIP_STD

    @property
    def grid(self) -> int:
        """Patches along one side."""
        return self.image_size // self.patch

    @property
    def positions(self) -> int:
        """Tokens: the patches and the class token."""
        return self.grid**2 + 1


@dataclass(frozen=True)
class Text(Transformer):
    """Tokens up to the context length, pooled where the text ends. The defaults fit every CLIP."""

    vocabulary: int = 49408
    context: int = 77
    end_of_text: int = 49407
    """The id whose first position is pooled."""


@dataclass(frozen=True)
class Architecture:
    """Both towers and the dimension of the space that they share."""

    vision: Vision
    text: Text
    dimension: int
