from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper
from PIL import Image

from bench.training.evaluate import image_vectors, recall, text_vectors
from model.bundle_writer import SELF_TEST_IMAGE
from model.graph import Graph
from model.offline.efficientnet import FEATURES, IMAGE_SIZE, EfficientNet, same_padding
from model.offline.heads import DIMENSION, HALF, IMAGE_SHARE, LEAST_CONFIDENCE, NAME_SHARE, Heads
from model.offline.hubs import bank_of
from model.offline.inputs import HEADS, image_weights
from model.offline.int8 import convolution_constants
from model.offline.torch_file import read_state_dict
from model.offline.zero_shot import ZeroShot
from model.sessions import session

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def zero_shot():
    return ZeroShot.of_classifier(weights()["_fc.weight"])


@pytest.fixture(scope="module")
def heads():
    return Heads.load(HEADS)


def unit_rows(rows, width):
    x = np.random.default_rng(0).standard_normal((rows, width), np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x


@pytest.fixture(scope="module")
def cat():
    return np.asarray(Image.open(SELF_TEST_IMAGE).convert("RGB"))[None]


@cache
def weights():
    return read_state_dict(image_weights())


@cache
def tower(*, int8):
    graph = Graph("features")
    pixels = graph.input("pixels", TensorProto.UINT8, ["n", IMAGE_SIZE, IMAGE_SIZE, 3])
    features = EfficientNet(graph, weights(), int8=int8).features(pixels)
    graph.embedding(features, FEATURES)
    return session(graph.model())


@pytest.mark.parametrize("int8", [False, True])
def test_the_image_tower_pools_any_number_of_images_into_features_that_are_not_negative(int8, cat):
    result = tower(int8=int8).run(None, {"pixels": np.repeat(cat, 3, axis=0)})[0]
    assert result.shape == (3, FEATURES)
    assert result.min() >= 0


def test_int8_changes_the_features_of_a_photograph_very_little(cat):
    exact, rounded = (tower(int8=int8).run(None, {"pixels": cat})[0][0] for int8 in (False, True))
    cosine = exact @ rounded / (np.linalg.norm(exact) * np.linalg.norm(rounded))
    assert 0.99 < cosine < 0.9999


def test_weights_of_pointwise_convolutions_leave_room_for_sums_in_16_bits():
    graph, largest_pixel = Graph("weights"), 255
    for name, shape in (("pointwise", (8, 4, 1, 1)), ("depthwise", (8, 1, 3, 3))):
        weight = np.random.default_rng(0).standard_normal(shape, np.float32)
        convolution_constants(graph, name, weight, np.zeros(8, np.float32), 0.1)
    stored = {c.name: np.abs(numpy_helper.to_array(c)).max() for c in graph.proto.initializer}
    assert 2 * largest_pixel * int(stored["pointwise.weight.integers"]) < 2**15
    assert stored["depthwise.weight.integers"] == 127


def test_a_channel_that_is_always_off_keeps_its_bias():
    graph, weight = Graph("off"), np.full((1, 4, 1, 1), 1e-12, np.float32)
    convolution_constants(graph, "off", weight, np.array([-3], np.float32), 0.1)
    stored = {c.name: numpy_helper.to_array(c) for c in graph.proto.initializer}
    bias = stored["off.bias.integers"] * stored["off.bias.steps"]
    np.testing.assert_allclose(bias, [-3], rtol=1e-5)


@pytest.mark.parametrize(
    ("side", "kernel", "stride", "expected"),
    [(224, 3, 2, (112, [0, 0, 1, 1])), (112, 3, 1, (112, [1, 1, 1, 1])), (7, 1, 1, (7, [0] * 4))],
)
def test_padding_puts_the_odd_pixel_at_the_end(side, kernel, stride, expected):
    assert same_padding(side, kernel, stride) == expected


def test_both_heads_give_unit_vectors_whose_halves_have_their_shares(heads, zero_shot):
    images = image_vectors(np.abs(unit_rows(4, FEATURES)), heads, zero_shot)
    texts = text_vectors(unit_rows(5, 384), heads, zero_shot)
    for vectors, expected in ((images, IMAGE_SHARE), (texts, heads.text_share)):
        assert vectors.shape[1] == DIMENSION
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        trained, features = vectors[:, :HALF], vectors[:, HALF:-2]
        share = np.linalg.norm(features, axis=1) / np.linalg.norm(trained, axis=1)
        np.testing.assert_allclose(share, expected, rtol=1e-4)


def test_the_zero_shot_half_of_a_class_name_has_its_whole_share(heads, zero_shot):
    vectors = text_vectors(heads.class_texts[:5], heads, zero_shot)
    share = np.linalg.norm(vectors[:, HALF:-2], axis=1) / np.linalg.norm(vectors[:, :HALF], axis=1)
    np.testing.assert_allclose(share * IMAGE_SHARE, NAME_SHARE, rtol=1e-4)


def test_a_word_of_the_vocabulary_points_in_its_own_direction(heads, zero_shot):
    vectors = text_vectors(heads.vocabulary_texts, heads, zero_shot)[:, HALF:-2]
    found = (vectors @ heads.vocabulary.T).argmax(axis=1)
    assert (found == np.arange(len(found))).mean() > 0.8


def test_an_image_that_is_near_to_every_caption_loses_score_with_all_words(heads, zero_shot):
    features = np.abs(np.random.default_rng(0).standard_normal((200, FEATURES), np.float32))
    images = image_vectors(features, heads, zero_shot)
    scores = np.sort(images[:, :-2] @ bank_of(heads, zero_shot).T, axis=1)
    near = scores[:, -30:].mean(axis=1)
    assert np.corrcoef(near, images[:, -2])[0, 1] > 0.8
    texts = text_vectors(heads.bank[:3], heads, zero_shot)
    assert (texts[:, -2] < 0).all()


def test_words_that_are_near_to_nothing_known_have_low_scores(heads, zero_shot):
    texts = text_vectors(np.stack([heads.bank[0], unit_rows(1, 384)[0]]), heads, zero_shot)
    images = image_vectors(np.abs(unit_rows(50, FEATURES)), heads, zero_shot)
    known, unknown = (np.linalg.norm(text[:-1]) for text in texts)
    assert known == pytest.approx(1, abs=1e-5)
    assert unknown == pytest.approx(LEAST_CONFIDENCE, abs=1e-5)
    assert (images[:, -1] == 0).all()


def test_an_image_without_any_feature_has_a_finite_vector(heads, zero_shot):
    nothing = np.zeros((1, FEATURES), np.float32)
    assert np.isfinite(image_vectors(nothing, heads, zero_shot)).all()


def test_a_class_name_finds_the_classifiers_own_weights(heads, zero_shot):
    vectors = text_vectors(heads.class_texts, heads, zero_shot)[:, HALF:-2]
    found = (vectors @ zero_shot.prototypes.T).argmax(axis=1)
    assert (found == np.arange(len(found))).mean() > 0.9


def test_recall_counts_texts_whose_own_image_is_among_the_best():
    images = np.eye(3, dtype=np.float32)
    texts = np.array([[1, 0, 0], [0.9, 0.8, 0], [0.9, 0.8, 0.7]], np.float32)
    assert recall(texts, images, np.arange(3), (1, 2, 3)) == pytest.approx([1 / 3, 2 / 3, 1])
