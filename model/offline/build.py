"""Builds the offline model's bundle from installed packages and the trained heads."""

from collections.abc import Callable, Sequence
from pathlib import Path

from onnx import ModelProto, TensorProto
from PIL import Image

from image_search.bundle import Fidelity

from .. import bundle_writer
from ..bundle_writer import Model
from ..fidelity import measure
from ..graph import Graph
from ..registry import OFFLINE
from ..samples import SAMPLES, ImageInput, sample_images
from ..sessions import embed, image_feeds
from . import inputs
from .efficientnet import IMAGE_SIZE, EfficientNet, Weights
from .heads import DIMENSION, Heads, add_image_head, add_text_head
from .hubs import bank_of
from .sentences import CONTEXT_LENGTH, broken_share, sentence_graph, unpadded_tokenizer
from .torch_file import read_state_dict
from .zero_shot import ZeroShot

LICENCE = (
    "Weights of both towers: Apache-2.0. Heads: trained on features of Flickr8k and ImageNet "
    "images, for non-commercial research and demonstration only."
)
NOTICE = (
    "This is a small demonstration model built from packages, not CLIP: it knows everyday scenes "
    "and common objects, and is poor at other nouns, colours, style and counting."
)
# The least cosine of the self-test: the image tower's int8 vectors have 0.993 on average.
_LEAST = 0.98
_INPUT = ImageInput(IMAGE_SIZE)


def build(out: Path, progress: Callable[[str], None]) -> Path:
    """Write the bundle to `out`/offline unless the same one is there; return its directory.

    Raises:
        ModuleNotFoundError: a package with weights is not installed.
    """
    directory = out / OFFLINE
    recipe, sources = f"python -m model offline, code {inputs.code_digest()}", inputs.sources()
    if made := bundle_writer.up_to_date(directory, recipe, sources):
        progress(f"{made.id} is already in {directory}")
        return directory
    progress("joining EfficientNet-Lite0 and MiniLM")
    model, exact = assemble(int8=True), assemble(int8=False)
    progress("measuring it on the samples")
    images = sample_images(SAMPLES)
    facts = {
        "name": OFFLINE,
        "precision": "int8",
        "processor": "any",
        "context_length": CONTEXT_LENGTH,
        "fidelity": {"image": _fidelity(model, exact, images)},
        "licence": LICENCE,
        "notice": NOTICE,
        "recipe": recipe,
        "sources": sources,
    }
    made = bundle_writer.write(directory, exact, model, _INPUT, images, facts, _LEAST)
    progress(f"wrote {made.id} to {directory}")
    return directory


def _fidelity(model: Model, exact: Model, images: Sequence[Image.Image]) -> Fidelity:
    feeds = image_feeds(_INPUT.stacked(images))
    measured = measure(embed(exact.vision, feeds), embed(model.vision, feeds))
    return measured.as_fidelity("int8", "twice as fast; its ranges come from no image")


def assemble(*, int8: bool) -> Model:
    """Build both towers with their heads; `int8` applies to the image tower."""
    weights = read_state_dict(inputs.image_weights())
    heads, zero_shot = Heads.load(inputs.HEADS), ZeroShot.of_classifier(weights["_fc.weight"])
    tokenizer = unpadded_tokenizer(inputs.TOKENIZER.read_text())
    return Model(
        vision=_vision(weights, heads, zero_shot, int8=int8),
        text=_text(inputs.text_weights(), tokenizer, heads, zero_shot),
        tokenizer=tokenizer,
    )


def _vision(weights: Weights, heads: Heads, zero_shot: ZeroShot, *, int8: bool) -> ModelProto:
    graph = Graph("vision")
    pixels = graph.input("pixels", TensorProto.UINT8, ["n", IMAGE_SIZE, IMAGE_SIZE, 3])
    features = EfficientNet(graph, weights, int8=int8).features(pixels)
    bank = bank_of(heads, zero_shot)
    graph.embedding(add_image_head(graph, features, heads, zero_shot, bank), DIMENSION)
    return graph.model()


def _text(path: Path, tokenizer: str, heads: Heads, zero_shot: ZeroShot) -> ModelProto:
    graph, sentences = sentence_graph(path)
    broken = broken_share(graph, tokenizer)
    graph.embedding(add_text_head(graph, sentences, heads, zero_shot, broken), DIMENSION)
    return graph.model()
