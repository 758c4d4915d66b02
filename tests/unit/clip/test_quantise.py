from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from model.clip.calibration import observe
from model.clip.linear import Fp32
from model.clip.precisions import PRECISIONS
from model.clip.quantise import FULL, REDUCED, Levels
from model.clip.smoothing import pairs, smoothed, smoothing_factors
from model.clip.tower import image_tower, text_tower
from model.clip.vision import vision_graph
from model.quantise import scale_and_zero
from model.sessions import image_feeds, text_feeds

from . import random_weights
from .tiny import TINY, images, run, sentence

Draw = Callable[..., dict[str, NDArray[np.float32]]]
DRAWS = [random_weights.plain, random_weights.outlier_rich]
SENTENCES = [sentence(2 + seed % 10, seed) for seed in range(30)]


STATIC = ["int8", "int8-reduced"]


def int8_vision(draw, precision="int8"):
    return image_tower(draw(), TINY).model(precision, image_feeds(images(30, 1)))


@pytest.mark.parametrize("precision", STATIC)
@pytest.mark.parametrize("draw", DRAWS)
def test_a_vector_does_not_depend_on_its_batch_mates(draw, precision):
    model, batch = int8_vision(draw, precision), images(8)
    together = run(model, batch)
    for size in (1, 2, 3, 5):
        parts = [run(model, batch[start : start + size]) for start in range(0, 8, size)]
        np.testing.assert_array_equal(np.concatenate(parts), together)


@pytest.mark.parametrize(
    ("draw", "precision", "bound"),
    [
        (random_weights.plain, "int8", 0.998),
        (random_weights.plain, "int8-reduced", 0.995),
        (random_weights.outlier_rich, "int8", 0.98),
        (random_weights.outlier_rich, "int8-reduced", 0.96),
    ],
)
def test_eight_bits_stay_near_full_precision(draw, precision, bound):
    exact = image_tower(draw(), TINY).model("fp32")
    likeness = run(exact, images(50)) * run(int8_vision(draw, precision), images(50))
    assert likeness.sum(axis=1).min() > bound
    tower = text_tower(draw(), TINY)
    text, model = tower.model("fp32"), tower.model(precision, text_feeds(SENTENCES))
    cosines = [(run(text, [ids]) * run(model, [ids])).sum() for ids in SENTENCES]
    assert min(cosines) > bound


def test_smoothing_changes_nothing_in_full_precision():
    parameters = random_weights.outlier_rich()
    reference = Fp32()
    graph = vision_graph(parameters, TINY, reference)
    before = run(graph.model(), images(4))
    observed = observe(graph, reference, image_feeds(images(4)))
    places = list(pairs("vision_model", TINY.vision.layers))
    even = smoothed(parameters, places, smoothing_factors(parameters, places, observed, 0.5))
    after = run(vision_graph(even, TINY, Fp32()).model(), images(4))
    np.testing.assert_allclose(after, before, atol=1e-5)


def test_the_last_block_is_calibrated_on_all_tokens_that_it_reads():
    reference = Fp32()
    graph = vision_graph(random_weights.plain(), TINY, reference)
    last = "vision_model.encoder.layers.1.self_attn"
    assert reference.inputs[last].startswith("LayerNormalization")
    observe(graph, reference, image_feeds(images(1)))


@pytest.mark.parametrize(
    ("levels", "fits"), [(FULL, False), (REDUCED, True), (Levels(255, 64, 64), True)]
)
def test_reduced_levels_never_saturate_without_vnni(levels, fits):
    worst = (
        sum_in_16_bits(levels.activations, levels.weights),
        sum_in_16_bits(255, levels.pixel_weights),
    )
    exact = 2 * levels.activations * levels.weights, 2 * 255 * levels.pixel_weights
    assert (worst == exact) is fits


def sum_in_16_bits(unsigned, signed):
    """What vpmaddubsw makes of two equal products: the sum, saturated."""
    return int(np.clip(2 * unsigned * signed, -(2**15), 2**15 - 1))


def test_reduced_activations_stay_reduced_beyond_the_calibrated_range():
    model = int8_vision(random_weights.plain, "int8-reduced")
    operators = [node.op_type for node in model.graph.node]
    assert operators.count("Min") == operators.count("QuantizeLinear") > 0


def test_a_range_holds_zero_exactly():
    scale, zero = scale_and_zero(2.0, 6.0)
    assert (zero, scale) == (0, pytest.approx(6 / 255))
    scale, zero = scale_and_zero(-1.0, 3.0)
    assert zero == round(1 / scale)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_every_precision_builds_both_towers(precision):
    parameters = random_weights.plain()
    vision = image_tower(parameters, TINY).model(precision, image_feeds(images(5)))
    text = text_tower(parameters, TINY).model(precision, text_feeds(SENTENCES))
    for vectors in (run(vision, images(2)), run(text, SENTENCES[:1])):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
