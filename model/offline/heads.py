"""The numbers that bring image features and sentence vectors into one space, and their graphs.

A joint vector (512) is two halves, each of length one before it is weighted, one number against
hubs, and one for what the model does not know.

Trained half (256). Image: a linear layer on the square roots of the features. Words: a linear
layer plus a small network on the sentence vector. Learned from photographs with captions.

Zero-shot half (254). Image: the square roots of the features, centred. Words: the average of the
classifier's own weights, and of the directions of a vocabulary, over the names that are near the
words. Nothing is learned; this half knows the nouns that captions lack, and the meaning of single
words. One rotation shortens both sides to 254 numbers.

Hubs are images that are near to most words: one station was among the best five of every sixth
query. An image's nearness to a thousand captions is therefore subtracted from all of its scores
with words (https://arxiv.org/abs/1702.03859), by means of a number that all words share.

Words that are near to nothing that the model knows have a large last number, which is 0 for
images, so that all of their scores are low. Names have some of it, because their scores are higher.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from ..graph import Graph
from .zero_shot import ZERO_SHOT, Array, ZeroShot

HALF = 256
DIMENSION = HALF + ZERO_SHOT + 2
# The length of an image's zero-shot half; its trained half has 1. Scores with words depend on the
# product with the words' share alone. Between images this makes the features count more, so that
# drawings are nearer to drawings.
IMAGE_SHARE = 1.2
# The cosine of words to the nearest class name at which the zero-shot half begins to count more
# than for other words, and the one at which it has its whole share: twice the trained half's.
NEAR_A_NAME, A_NAME = 0.7, 0.9
NAME_SHARE = 2.0
# Subtracted from the cosine to a word of the vocabulary: class names are better known, and most
# captions have words that are near to some word of the vocabulary.
VOCABULARY_MARGIN = 0.1
# The number against hubs of words. That of images is small, so that it hardly counts between them.
HUB_SHARE = 0.8
HUB_TEMPERATURE, HUB_STRENGTH = 0.05, 0.8
# Cosines of words to the nearest caption or class name: strings of letters, other scripts and
# abstract words have 0.2 to 0.4, words for the contents of photographs 0.4 and more.
UNKNOWN, KNOWN = 0.3, 0.45
LEAST_CONFIDENCE = 0.2
# Subtracted from that cosine for words that the tokenizer breaks into pieces: the text tower places
# a string of letters near to something, too.
BROKEN_LESS = np.float32(0.45)
# Subtracted from the scores of names, which are higher than those of sentences. With it, the same
# share of the matches above a score are right.
NAMED_LESS = np.float32(0.4)


@dataclass(frozen=True)
class Heads:
    """The trained numbers; float32 here, float16 in the file."""

    image_weight: Array  # (256, 1280)
    image_bias: Array  # (256,)
    text_weight: Array  # (256, 384)
    text_bias: Array  # (256,)
    text_hidden_weight: Array  # (hidden, 384)
    text_hidden_bias: Array  # (hidden,)
    text_output_weight: Array  # (256, hidden)
    class_texts: Array  # (1000, 384) unit sentence vectors of the class names
    vocabulary_texts: Array  # (words, 384) unit sentence vectors of words
    vocabulary: Array  # (words, 254) and their directions among image features
    root_mean: Array  # (1280,) of the square roots of the training images' features
    temperature: np.float32  # softmax over the class names
    zero_shot_weight: np.float32  # its square weighs the zero-shot half in scores of words
    bank: Array  # (captions, 384) unit sentence vectors, which show hubs
    usual_hubness: np.float32  # mean over the training images

    @property
    def names(self) -> Array:
        """Sentence vectors of the class names, then of the vocabulary."""
        return np.concatenate([self.class_texts, self.vocabulary_texts])

    @property
    def text_share(self) -> float:
        """The length of the zero-shot half of words that are no class name."""
        return float(self.zero_shot_weight) ** 2 / IMAGE_SHARE

    @property
    def scale(self) -> float:
        """The divisor that makes the sum of both halves' products a mean."""
        return 1 + float(self.zero_shot_weight) ** 2

    @classmethod
    def load(cls, path: Path) -> "Heads":
        """Read the file that the training wrote."""
        with np.load(path) as arrays:
            return cls(**{f.name: arrays[f.name].astype(np.float32)[()] for f in fields(cls)})


def add_image_halves(graph: Graph, features: str, heads: Heads, zero_shot: ZeroShot) -> str:
    """Features (n, 1280) → both halves, weighted (n, 510)."""
    root = graph.node("Sqrt", [features])
    trained = graph.affine(root, heads.image_weight, heads.image_bias)
    centred = graph.binary("Sub", root, heads.root_mean)
    rotated = graph.binary("MatMul", centred, zero_shot.rotation)
    return _joined(graph, trained, rotated, graph.constant(np.float32(IMAGE_SHARE)))


def add_image_head(
    graph: Graph, features: str, heads: Heads, zero_shot: ZeroShot, bank: Array
) -> str:
    """Features (n, 1280) → unit joint vectors (n, 512).

    `bank` (captions, 510) are halves of captions, scaled for scores between −1 and 1.
    """
    halves = add_image_halves(graph, features, heads, zero_shot)
    above = graph.binary("Sub", add_hubness(graph, halves, bank), heads.usual_hubness)
    last = graph.binary("Mul", above, np.float32(HUB_STRENGTH * heads.scale / HUB_SHARE))
    known = graph.node("Concat", [halves, last], axis=-1)
    return graph.unit(graph.node("Pad", [known, graph.integers(0, 0, 0, 1)]))


def add_hubness(graph: Graph, halves: str, bank: Array) -> str:
    """Halves of images (n, 510) → how near each is to its nearest captions (n, 1).

    A mean in which large scores count most: τ · log of the sum of exp(score / τ).
    """
    scores = graph.binary("MatMul", halves, bank.T / np.float32(HUB_TEMPERATURE))
    total = graph.node("ReduceLogSumExp", [scores], axes=[-1], keepdims=1)
    return graph.binary("Mul", total, np.float32(HUB_TEMPERATURE))


def add_text_head(
    graph: Graph, sentences: str, heads: Heads, zero_shot: ZeroShot, broken: str = ""
) -> str:
    """Unit sentence vectors (n, 384) → unit joint vectors (n, 512), and the output `known`.

    `broken` (n, 1) is the share of tokens that are not whole words.
    """
    placed = place(graph, sentences, heads)
    halves = add_text_halves(graph, sentences, placed, heads, zero_shot)
    against_hubs = [graph.integers(0, 0, 0, 1), graph.constant(np.float32(-HUB_SHARE))]
    directed = graph.unit(graph.node("Pad", [halves, *against_hubs]))
    confidence = _confidence(graph, placed, broken)
    square = graph.node("Mul", [confidence, confidence])
    rest = graph.node("Sqrt", [graph.node("Sub", [graph.constant(np.float32(1)), square])])
    return graph.node("Concat", [graph.node("Mul", [directed, confidence]), rest], axis=-1)


@dataclass(frozen=True)
class Placed:
    """How near words are to the known names and captions, as values of a graph."""

    cosines: str  # (n, names and bank)
    nearness: str  # (n, names) their cosines, the vocabulary's less its margin
    named: str  # (n, 1) how much they are a name, 0 to 1


def place(graph: Graph, sentences: str, heads: Heads) -> Placed:
    """Compare unit sentence vectors (n, 384) with all names and captions."""
    known = np.concatenate([heads.names, heads.bank]).T
    cosines = graph.binary("MatMul", sentences, known)
    names = graph.integers(0), graph.integers(len(heads.names)), graph.integers(-1)
    margins = np.full(len(heads.names), VOCABULARY_MARGIN, np.float32)
    margins[: len(heads.class_texts)] = 0
    nearness = graph.binary("Sub", graph.node("Slice", [cosines, *names]), margins)
    nearest = graph.node("ReduceMax", [nearness], axes=[-1], keepdims=1)
    return Placed(cosines, nearness, _ramp(graph, nearest, (NEAR_A_NAME, A_NAME), 0))


def _confidence(graph: Graph, placed: Placed, broken: str) -> str:
    """The factor of the scores of words: (n, 1)."""
    nearest = graph.node("ReduceMax", [placed.cosines], axes=[-1], keepdims=1)
    graph.known(graph.node("Reshape", [nearest, graph.integers(-1)]))
    if broken:
        nearest = graph.node("Sub", [nearest, graph.binary("Mul", broken, BROKEN_LESS)])
    known = _ramp(graph, nearest, (UNKNOWN, KNOWN), LEAST_CONFIDENCE)
    more = graph.binary("Mul", placed.named, NAMED_LESS)
    return graph.node("Mul", [known, graph.node("Sub", [graph.constant(np.float32(1)), more])])


def _ramp(graph: Graph, x: str, between: tuple[float, float], least: float) -> str:
    """The position of x between two numbers, as a share from `least` to 1."""
    low, high = between
    share = graph.binary("Div", graph.binary("Sub", x, np.float32(low)), np.float32(high - low))
    bounds = [graph.constant(np.float32(bound)) for bound in (least, 1)]
    return graph.node("Clip", [share, *bounds])


def add_text_halves(
    graph: Graph, sentences: str, placed: Placed, heads: Heads, zero_shot: ZeroShot
) -> str:
    """Unit sentence vectors (n, 384) → both halves, weighted (n, 510)."""
    linear = graph.affine(sentences, heads.text_weight, heads.text_bias)
    trained = graph.node("Add", [linear, _network(graph, sentences, heads)])
    logits = graph.binary("Div", placed.nearness, heads.temperature)
    shares = graph.node("Softmax", [logits], axis=-1)
    directions = np.concatenate([zero_shot.prototypes, heads.vocabulary])
    averaged = graph.binary("MatMul", shares, directions)
    named = np.float32(NAME_SHARE / IMAGE_SHARE - heads.text_share)
    more = graph.binary("Mul", placed.named, named)
    share = graph.binary("Add", more, np.float32(heads.text_share))
    return _joined(graph, trained, averaged, share)


def _network(graph: Graph, sentences: str, heads: Heads) -> str:
    hidden = graph.affine(sentences, heads.text_hidden_weight, heads.text_hidden_bias)
    active = _gelu(graph, hidden)
    return graph.binary("MatMul", active, heads.text_output_weight.T)


def _gelu(graph: Graph, x: str) -> str:
    """Return x · (1 + erf(x / √2)) / 2, in nodes that onnxruntime fuses into one."""
    scaled = graph.binary("Div", x, np.float32(np.sqrt(2)))
    error = graph.node("Erf", [scaled])
    gate = graph.binary("Add", error, np.float32(1))
    product = graph.node("Mul", [x, gate])
    return graph.binary("Mul", product, np.float32(0.5))


def _joined(graph: Graph, trained: str, zero_shot: str, share: str) -> str:
    """Scale both halves to length one, weight the second by its share, and concatenate them."""
    second = graph.node("Mul", [graph.unit(zero_shot), share])
    return graph.node("Concat", [graph.unit(trained), second], axis=-1)
