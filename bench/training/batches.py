"""What training draws from, and the batches it draws."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.offline.zero_shot import Array

from .training_data import CAPTIONS_PER_IMAGE

BATCH, CLASS_BATCH = 1024, 256  # captioned photographs, and class pictures, per step


@dataclass(frozen=True)
class Standard:
    """Square roots of features, centred, and scaled by one number so that angles stay."""

    mean: Array  # (features,)
    deviation: float

    @classmethod
    def of(cls, features: Array) -> "Standard":
        """The numbers that standardise these features (n, 1280)."""
        roots = np.sqrt(features)
        return cls(roots.mean(axis=0), float(roots.std(axis=0).mean()))

    def __call__(self, features: Array) -> Array:
        """Features (n, 1280), not negative, standardised."""
        return ((np.sqrt(features) - self.mean) / self.deviation).astype(np.float32)


@dataclass(frozen=True)
class Batch:
    """Pictures (n, features), a text (n, 384) and class probabilities (n, 1000) for each."""

    pictures: Tensor
    texts: Tensor
    probabilities: Tensor
    class_texts: Tensor  # (1000, 384) every class in a random wording


@dataclass(frozen=True)
class Examples:
    """What batches are drawn from: photographs first, then one picture per class."""

    pictures: Tensor  # (photographs + 1000, features) standardised
    probabilities: Tensor  # (photographs + 1000, 1000) the classifier's, weighted
    captions: Tensor  # (photographs, 5, 384)
    class_texts: Tensor  # (wordings, 1000, 384)

    def batches(self, random: np.random.Generator) -> Iterator[Batch]:
        """Every photograph once but for the last odd ones, with some classes in each batch."""
        order = random.permutation(len(self.captions))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            yield self._batch(order[start : start + BATCH], random)

    def _batch(self, photographs: NDArray[np.int64], random: np.random.Generator) -> Batch:
        wordings, classes, _ = self.class_texts.shape
        drawn = random.choice(classes, CLASS_BATCH, replace=False)
        rows = np.concatenate([photographs, len(self.captions) + drawn])
        captions = self.captions[photographs, random.integers(CAPTIONS_PER_IMAGE, size=BATCH)]
        names = self.class_texts[random.integers(wordings, size=CLASS_BATCH), drawn]
        every = self.class_texts[random.integers(wordings, size=classes), np.arange(classes)]
        texts = torch.cat([captions, names])
        return Batch(self.pictures[rows], texts, self.probabilities[rows], every)
