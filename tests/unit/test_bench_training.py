import gzip

import numpy as np
import pytest

from bench.training.training_data import CAPTIONS_PER_IMAGE, TEST_IMAGES, VALIDATION_IMAGES, load

PHOTOGRAPHS = TEST_IMAGES + VALIDATION_IMAGES + 300


@pytest.fixture
def data(tmp_path):
    """Photographs whose features and captions are their own number."""
    numbers = np.arange(PHOTOGRAPHS, dtype=np.float32)[:, None]
    image = np.random.default_rng(0).permutation(np.repeat(np.arange(PHOTOGRAPHS), 5))
    np.savez(
        tmp_path / "flickr8k_train.npz",
        image_features=numbers,
        caption_vectors=numbers[image],
        caption_image=image,
    )
    with gzip.open(tmp_path / "flickr8k_train_captions.txt.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(map(str, image)))
    np.savez(tmp_path / "imagenet_samples.npz", image_features=numbers[:10].astype(np.float16))
    return load(tmp_path)


def test_each_photograph_comes_with_its_own_captions(data):
    assert data.train.captions.shape == (300, CAPTIONS_PER_IMAGE, 1)
    np.testing.assert_array_equal(
        data.train.captions, np.repeat(data.train.features[:, None], CAPTIONS_PER_IMAGE, axis=1)
    )
    np.testing.assert_array_equal(data.train.texts.astype(float), data.train.captions[..., 0])


def test_the_validation_photographs_join_the_training_and_those_of_the_test_never_do(data):
    parts = (data.train, data.validation, data.test)
    train, validation, test = (set(part.features[:, 0].tolist()) for part in parts)
    chosen = data.chosen()
    assert set(chosen.train.features[:, 0].tolist()) == train | validation
    assert not test & (train | validation)
    assert len(test) == len(chosen.test.features) == TEST_IMAGES
    assert len(chosen.train.captions) == len(chosen.train.features)
