"""Positions on a map where similar vectors lie near each other.

Exact t-SNE: van der Maaten & Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008. Three choices of
later work make it fast without a compiler: all nearest neighbours attract an image equally (as
in openTSNE's `affinity.Uniform`), which avoids the search for the width of each Gaussian; the start
is the principal components (Kobak & Berens, Nature Communications 10, 2019), which also keeps maps
of successive days similar; and the learning rate is n / exaggeration (openTSNE).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

_NEIGHBOURS = 15
# A collection of few images has fewer neighbours: if all were neighbours, a map would be useless.
_NEIGHBOUR_SHARE = 5
# As in the paper: 50 steps with 4 times the attraction, which bring groups together.
_EXAGGERATION = (50, 4.0)
# More steps bring no improvement: 400 preserve no more neighbours than 200.
_REFINEMENT = (200, 1.0)
_MOMENTUM = 0.8
# The minimum learning rate: with a lower one, a few images would not leave the start; with a higher
# one, they would overshoot, and some would end far from similar images.
_SLOWEST = 10.0
# Standard deviation of the start, which is small so that the first steps rearrange everything.
_START_SPREAD = 1e-2
# Rows of the n × n forces computed at once: 128 × 2,000 float32 fit into a processor's cache.
_BLOCK = 128


def tsne(vectors: Array) -> Array:
    """Place unit vectors (n, dimension) on a map: (n, 2), each coordinate from 0 to 1.

    The same vectors in the same order give the same map. The time is proportional to n²: 2,000
    vectors of 512 dimensions take 1.5 s on one core. Of the ten nearest neighbours, 42 % are also
    the nearest on the map (measured on photographs; umap-learn preserves 31 %, the principal
    components 4 %).
    """
    count = len(vectors)
    if count < 3:
        side_by_side = (np.arange(count, dtype=np.float32) + 0.5) / max(count, 1)
        return np.column_stack([side_by_side, np.full(count, 0.5, np.float32)])
    places = _start(vectors)
    edges = _neighbour_edges(vectors)
    for steps, exaggeration in (_EXAGGERATION, _REFINEMENT):
        places = _descend(places, edges, steps, exaggeration)
    return _in_unit_square(places)


Edges = tuple[NDArray[np.intp], NDArray[np.intp], Array]


def _neighbour_edges(vectors: Array) -> Edges:
    """The edges of the symmetric neighbour graph: rows, columns, and weights that sum to 1."""
    count = len(vectors)
    neighbours = min(_NEIGHBOURS, max(1, count // _NEIGHBOUR_SHARE))
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    nearest = np.argpartition(-cosines, neighbours - 1, axis=1)[:, :neighbours].ravel()
    own = np.repeat(np.arange(count), neighbours)
    both_ways = np.concatenate([own * count + nearest, nearest * count + own])
    pairs, times = np.unique(both_ways, return_counts=True)
    rows, columns = np.divmod(pairs, count)
    return rows, columns, (times / len(both_ways)).astype(np.float32)


def _start(vectors: Array) -> Array:
    """The first two principal components, scaled down, with noise that separates equal vectors."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    first_two = axes[:, [-1, -2]]
    # The sign of an axis is arbitrary, so its largest component is made positive.
    largest = np.take_along_axis(first_two, np.abs(first_two).argmax(axis=0)[None], axis=0)
    components = centred @ (first_two * np.sign(largest))
    spread = max(float(components[:, 0].std()), 1e-6)
    apart = np.random.default_rng(0).normal(scale=0.01, size=components.shape)
    start: Array = (_START_SPREAD * (components / spread + apart)).astype(np.float32)
    return start


def _descend(places: Array, edges: Edges, steps: int, exaggeration: float) -> Array:
    """Descend with momentum and the paper's gains, which grow while the gradient keeps its sign."""
    rate = max(len(places) / exaggeration, _SLOWEST)
    velocity, gains = np.zeros_like(places), np.ones_like(places)
    for _ in range(steps):
        gradient = _gradient(places, edges, exaggeration)
        turned = gradient * velocity < 0
        gains = np.maximum(np.where(turned, gains + 0.2, gains * 0.8), 0.01)
        velocity = _MOMENTUM * velocity - rate * gains * gradient
        places = (places + velocity).astype(np.float32)
    return places


def _gradient(places: Array, edges: Edges, exaggeration: float) -> Array:
    gradient: Array = 4 * (exaggeration * _attraction(places, edges) - _repulsion(places))
    return gradient


def _attraction(places: Array, edges: Edges) -> Array:
    """Sum over neighbours j of p · w · (y_i − y_j), with w = 1 / (1 + distance²)."""
    rows, columns, weights = edges
    apart = places[rows] - places[columns]
    pulls = apart * (weights / (1 + np.square(apart).sum(axis=1)))[:, None]
    return np.column_stack(
        [np.bincount(rows, pull, minlength=len(places)) for pull in pulls.T]
    ).astype(np.float32)


def _repulsion(places: Array) -> Array:
    """Sum over all j of w² · (y_i − y_j), divided by the sum of all w.

    1 + distance² is one matrix product: (−2y_i, |y_i|² + 1, 1) · (y_j, 1, |y_j|²).
    """
    squares, ones = np.square(places).sum(axis=1), np.ones(len(places), np.float32)
    left = np.column_stack([-2 * places, squares + 1, ones])
    right = np.ascontiguousarray(np.column_stack([places, ones, squares]).T)
    targets = np.column_stack([places, ones])
    sums, total = np.empty_like(targets), 0.0
    for start in range(0, len(places), _BLOCK):
        rows = slice(start, start + _BLOCK)
        w = left[rows] @ right
        np.reciprocal(w, out=w)
        total += float(w.sum())
        sums[rows] = np.square(w, out=w) @ targets
    forces: Array = places * sums[:, 2:] - sums[:, :2]
    return forces / np.float32(total - len(places))  # an image does not repel itself


def _in_unit_square(places: Array) -> Array:
    lowest = places.min(axis=0)
    extent = np.maximum(np.ptp(places, axis=0), np.float32(1e-12))
    square: Array = (places - lowest) / extent
    return square
