from dataclasses import replace

import numpy as np
import pytest

from model.clip.architecture import Architecture
from model.clip.tower import image_tower, text_tower
from model.clip.vision import patch_layer

from . import random_weights
from .tiny import END, TINY, images, padded, run, sentence


@pytest.fixture(scope="module")
def parameters():
    return random_weights.outlier_rich()


@pytest.mark.parametrize("padding", [0, END])
@pytest.mark.parametrize("length", [2, 3, 7, 11])
def test_padding_a_text_changes_no_bit(parameters, length, padding):
    text = text_tower(parameters, TINY).model("fp32")
    short, long = sentence(length), padded(sentence(length), padding)
    np.testing.assert_array_equal(run(text, [short]), run(text, [long]))


def test_texts_of_different_lengths_share_a_batch(parameters):
    text = text_tower(parameters, TINY).model("fp32")
    texts = [sentence(length, length) for length in (3, 6, 12)]
    together = run(text, [padded(ids) for ids in texts])
    alone = np.concatenate([run(text, [ids]) for ids in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_folding_the_normalisation_into_the_patches_changes_nothing(parameters):
    layer = patch_layer(parameters, TINY.vision)
    patch = images(1)[0, :8, :8]
    normalised = (patch / 255 - np.array(TINY.vision.mean)) / np.array(TINY.vision.std)
    kernel = parameters["vision_model.embeddings.patch_embedding.weight"]
    expected = np.einsum("ijc,wcij->w", normalised, kernel)
    assert layer.bias is not None
    np.testing.assert_allclose(patch.reshape(-1) @ layer.weight + layer.bias, expected, atol=1e-5)


@pytest.mark.parametrize("activation", ["quick_gelu", "gelu"])
def test_another_activation_is_another_value(activation):
    architecture = Architecture(
        replace(TINY.vision, activation=activation), TINY.text, TINY.dimension
    )
    vision = image_tower(random_weights.plain(), architecture).model("fp32")
    np.testing.assert_allclose(np.linalg.norm(run(vision, images(2)), axis=1), 1, atol=1e-6)


def test_another_image_size_is_another_value():
    larger = Architecture(replace(TINY.vision, image_size=40), TINY.text, TINY.dimension)
    name = "vision_model.embeddings.position_embedding.weight"
    parameters = random_weights.plain()
    parameters[name] = np.resize(parameters[name], (larger.vision.positions, larger.vision.width))
    vision = image_tower(parameters, larger).model("fp32")
    assert run(vision, np.zeros((1, 40, 40, 3))).shape == (1, TINY.dimension)
