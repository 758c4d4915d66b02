"""Words with a direction among picture features each: what the zero-shot half knows beside classes.

A word of captions points where the photographs are whose captions have it. A drawing's name points
where the drawing is, seen from the mean of all drawings: so what drawings have in common, a white
background above all, is not part of it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Container, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto
from PIL import Image

from model.graph import Graph
from model.offline.efficientnet import FEATURES, IMAGE_SIZE, EfficientNet, Weights
from model.offline.zero_shot import Array
from model.samples import ImageInput
from model.sessions import embed, image_feeds

from .training_data import Photographs

_LEAST_PHOTOGRAPHS = 20
_LEAST_LETTERS = 3
# Say nothing of a picture by themselves.
_STOP_WORDS = re.compile(
    "and|are|another|behind|down|for|from|front|has|have|her|him|his|into|its|near|off|one|other"
    "|out|over|she|some|that|the|their|them|there|they|three|through|two|very|which|while|who|with"
)
# Of https://www.npmjs.com/package/emoji-datasource-google, which has one PNG for each.
_DRAWN = {
    "Activities",
    "Animals & Nature",
    "Food & Drink",
    "Objects",
    "People & Body",
    "Travel & Places",
}

Named = tuple[list[str], Array]  # words, and unit directions (words, 1280)


def caption_words(photographs: Photographs, root_mean: Array) -> Named:
    """Words that captions of enough photographs have."""
    counts: dict[str, NDArray[np.float32]] = defaultdict(
        lambda: np.zeros(len(photographs.features), np.float32)
    )
    for row, texts in enumerate(photographs.texts):
        for word in (word for text in texts for word in set(re.findall("[a-z]+", text.lower()))):
            counts[word][row] += 1
    words = [word for word, count in counts.items() if _is_known(word, count)]
    roots = np.sqrt(photographs.features) - root_mean
    return words, _unit(np.stack([counts[word] for word in words]) @ roots)


def _is_known(word: str, count: NDArray[np.float32]) -> bool:
    if len(word) < _LEAST_LETTERS or _STOP_WORDS.fullmatch(word):
        return False
    return int(np.count_nonzero(count)) >= _LEAST_PHOTOGRAPHS


def drawings(package: Path, weights: Weights, photographed: Container[str]) -> Named:
    """Names and directions of the drawings in an unpacked `emoji-datasource-google`.

    Words that photographs tell the meaning of are left to these.
    """
    drawn = {name: image for name, image in _drawn(package) if name not in photographed}
    pixels = ImageInput(IMAGE_SIZE).stacked(drawn.values())
    features = embed(_feature_graph(weights), image_feeds(pixels))
    roots = _unit(np.sqrt(features))
    return list(drawn), _unit(roots - roots.mean(axis=0))


def _feature_graph(weights: Weights) -> ModelProto:
    """Pixels uint8 (n, 224, 224, 3) RGB → pooled features float32 (n, 1280), by themselves."""
    graph = Graph("features")
    pixels = graph.input("pixels", TensorProto.UINT8, ["n", IMAGE_SIZE, IMAGE_SIZE, 3])
    graph.embedding(EfficientNet(graph, weights, int8=False).features(pixels), FEATURES)
    return graph.model()


def _drawn(package: Path) -> Iterator[tuple[str, Image.Image]]:
    for entry in json.loads((package / "emoji.json").read_text()):
        if entry["category"] in _DRAWN and entry["has_img_google"]:
            with Image.open(package / "img/google/64" / entry["image"]) as image:
                drawing = image.convert("RGBA")
            paper = Image.new("RGBA", drawing.size, "white")
            paper.alpha_composite(drawing)
            name = re.sub("[-_]", " ", entry["short_name"]).removesuffix(" facing right")
            yield name, paper.convert("RGB")


def _unit(x: NDArray[np.floating]) -> Array:
    unit: Array = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    return unit
