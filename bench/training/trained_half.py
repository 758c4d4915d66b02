"""The trained half of the joint space as a torch module; only training imports it."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from model.offline.heads import HALF
from model.offline.sentences import WIDTH

HIDDEN = 768  # width of the text head's network
IMAGE_DROPOUT, TEXT_DROPOUT, HIDDEN_DROPOUT = 0.4, 0.2, 0.5
FIRST_TEMPERATURE, LARGEST_SCALE = 0.05, 100.0
SENTENCE_SCALE = WIDTH**0.5  # a unit sentence vector times this has numbers of about one


class TrainedHalf:
    """Heads on standardised picture features and on unit sentence vectors."""

    def __init__(self, axes: NDArray[np.float32]) -> None:
        """Start the image head from the principal axes (256, features) of the pictures."""
        self.image = nn.Linear(axes.shape[1], HALF)
        self.image.weight.data = torch.from_numpy(axes)
        self.image.bias.data.zero_()
        self.text = nn.Linear(WIDTH, HALF)
        self.hidden = nn.Linear(WIDTH, HIDDEN)
        self.output = nn.Linear(HIDDEN, HALF, bias=False)
        self.layers = nn.ModuleDict(
            {"image": self.image, "text": self.text, "hidden": self.hidden, "output": self.output}
        )
        self.scale = nn.Parameter(torch.tensor(-float(np.log(FIRST_TEMPERATURE))))

    def images(self, x: Tensor) -> Tensor:
        """(n, features) → unit (n, 256)."""
        return functional.normalize(self.image(functional.dropout(x, IMAGE_DROPOUT)), dim=-1)

    def texts(self, sentences: Tensor) -> Tensor:
        """(n, 384) → unit (n, 256)."""
        x = functional.dropout(sentences * SENTENCE_SCALE, TEXT_DROPOUT)
        hidden = functional.dropout(functional.gelu(self.hidden(x)), HIDDEN_DROPOUT)
        return functional.normalize(self.text(x) + self.output(hidden), dim=-1)

    def logits(self, images: Tensor, texts: Tensor) -> Tensor:
        """Scaled cosines (images, texts)."""
        return images @ texts.T * self.scale.exp().clamp(max=LARGEST_SCALE)
