"""The features the heads are trained on, and how they are divided."""

import gzip
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.offline.zero_shot import Array

TEST_IMAGES, VALIDATION_IMAGES = 1000, 500
SPLIT_SEED = 8
CAPTIONS_PER_IMAGE = 5

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Photographs:
    """Photographs as features (n, 1280) with five captions each, as vectors (n, 5, 384) too."""

    features: Array
    captions: Array
    texts: NDArray[np.str_]  # (n, 5)

    def take(self, rows: Rows) -> "Photographs":
        """Some of the photographs, in this order."""
        return Photographs(self.features[rows], self.captions[rows], self.texts[rows])

    def joined(self, other: "Photographs") -> "Photographs":
        """These photographs, then the others."""
        return Photographs(
            np.concatenate([self.features, other.features]),
            np.concatenate([self.captions, other.captions]),
            np.concatenate([self.texts, other.texts]),
        )


@dataclass(frozen=True)
class TrainingData:
    """Disjoint sets of captioned photographs, and one picture of each ImageNet class."""

    train: Photographs
    validation: Photographs
    test: Photographs
    class_features: Array  # (1000, 1280)

    def chosen(self) -> "TrainingData":
        """The same, to train on the validation photographs too once they have served to choose."""
        return replace(self, train=self.train.joined(self.validation))


def load(folder: Path) -> TrainingData:
    """Read `flickr8k_train.npz`, its captions and `imagenet_samples.npz` from a folder."""
    with gzip.open(folder / "flickr8k_train_captions.txt.gz", "rt", encoding="utf-8") as lines:
        texts = np.array(lines.read().splitlines())
    with np.load(folder / "flickr8k_train.npz") as arrays:
        photographs = _photographs(
            arrays["image_features"], arrays["caption_vectors"], texts, arrays["caption_image"]
        )
    with np.load(folder / "imagenet_samples.npz") as arrays:
        class_features = arrays["image_features"].astype(np.float32)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(photographs.features))
    test, validation, train = np.split(order, [TEST_IMAGES, TEST_IMAGES + VALIDATION_IMAGES])
    return TrainingData(
        photographs.take(train),
        photographs.take(validation),
        photographs.take(test),
        class_features,
    )


def _photographs(
    features: Array, captions: Array, texts: NDArray[np.str_], image: Rows
) -> Photographs:
    by_image = np.argsort(image, kind="stable").reshape(-1, CAPTIONS_PER_IMAGE)
    vectors = captions[by_image].astype(np.float32)
    return Photographs(features.astype(np.float32), vectors, texts[by_image])
