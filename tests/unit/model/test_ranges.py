"""What scores mean is measured on the samples' own scores."""

import numpy as np
import pytest

from model.ranges import scores_of


def unit(rows, width=64, seed=0):
    vectors = np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_one_arbitrary_image_in_50_is_a_strong_match_of_words_and_one_in_ten_of_an_image():
    words, images = unit(200), unit(100, seed=1)

    scores = scores_of(words, images)

    others = (images @ images.T)[~np.eye(len(images), dtype=bool)]
    assert (words @ images.T > scores.words.certain).mean() == pytest.approx(1 / 50, rel=0.05)
    assert (others > scores.images.certain).mean() == pytest.approx(1 / 10, rel=0.05)


def test_one_query_that_every_image_matches_leaves_the_best_matches_of_others_strong():
    common = np.eye(64, dtype=np.float32)[:1]
    images = unit(100, seed=1) + 3 * common
    images /= np.linalg.norm(images, axis=1, keepdims=True)
    others = unit(30)
    others[:, 0] = 0

    measured = scores_of(np.concatenate([common, others]), images).words

    assert measured.unrelated < measured.certain <= measured.best < 0.5
