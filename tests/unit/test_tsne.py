"""Similar vectors lie near each other on a map."""

import numpy as np
import pytest

from image_search.tsne import tsne

DIMENSION = 32


def around(centres, each, spread=0.3):
    """`each` unit vectors (float32) around each of the unit vectors `centres`."""
    noise = np.random.default_rng(1).normal(size=(len(centres) * each, centres.shape[1]))
    vectors = np.repeat(centres, each, axis=0) + spread * noise / np.sqrt(centres.shape[1])
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def distances(places):
    return np.linalg.norm(places[:, None] - places[None], axis=-1)


def nearest(distances, count):
    """The `count` nearest others of each, from a (n, n) matrix."""
    others = distances + np.diag(np.full(len(distances), np.inf))
    return [set(row) for row in np.argsort(others, axis=1)[:, :count].tolist()]


def test_images_of_a_group_are_nearer_to_each_other_than_to_the_other_groups():
    groups = np.repeat(np.arange(4), 30)

    places = tsne(around(np.eye(4, DIMENSION), 30))

    for image, near in enumerate(nearest(distances(places), 10)):
        assert {groups[other] for other in near} == {groups[image]}


def test_more_neighbours_are_kept_than_by_the_two_principal_components():
    vectors = around(np.eye(20, DIMENSION), 15, spread=1.0)
    centred = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)

    def kept(places):
        wanted = nearest(1 - vectors @ vectors.T, 10)
        found = nearest(distances(places), 10)
        return float(np.mean([len(a & b) for a, b in zip(wanted, found, strict=True)])) / 10

    assert kept(tsne(vectors)) > 2 * kept(centred @ axes[:2].T)


@pytest.mark.parametrize("count", [8, 12])
def test_of_a_few_images_two_alike_are_side_by_side_whatever_the_others_are(count):
    apart = 0
    for seed in range(15):
        vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION))
        vectors[1] = vectors[0] + 0.7 * vectors[1]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        apart += 1 not in nearest(distances(tsne(vectors.astype(np.float32))), 2)[0]

    assert apart <= 1  # processors round differently, and t-SNE is chaotic


def test_copies_lie_in_the_same_place():
    originals = around(np.eye(20, DIMENSION), 3, spread=1.0)

    places = tsne(np.concatenate([originals, originals]))

    apart = np.linalg.norm(places[:60] - places[60:], axis=1)
    assert np.median(apart) < 0.01
    assert np.median(distances(places)) > 0.2


def test_the_same_vectors_give_the_same_map():
    vectors = around(np.eye(5, DIMENSION), 10)

    assert np.array_equal(tsne(vectors), tsne(vectors))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 16, 150])
def test_any_number_of_images_fills_the_unit_square(count):
    places = tsne(around(np.eye(max(count, 1), 200)[:count], 1))

    assert places.shape == (count, 2)
    assert places.dtype == np.float32
    assert np.all((places >= 0) & (places <= 1))
    if count > 2:
        assert np.ptp(places, axis=0) == pytest.approx([1, 1])


@pytest.mark.parametrize("count", [2, 3, 40])
def test_images_that_are_all_the_same_have_places_too(count):
    places = tsne(np.repeat(np.eye(1, DIMENSION, dtype=np.float32), count, axis=0))

    assert np.all((places >= 0) & (places <= 1))
    assert len(np.unique(places, axis=0)) == count
