"""Builds the offline model's bundle from installed packages and the trained heads."""

from collections.abc import Callable
from pathlib import Path

from onnx import ModelProto, TensorProto

from .. import bundle_writer
from ..bundle_writer import Description, Model, SelfTest
from . import inputs
from .efficientnet import IMAGE_SIZE, EfficientNet, Weights
from .graph import Graph
from .heads import DIMENSION, Heads, ZeroShot, add_image_head, add_text_head
from .sentences import CONTEXT_LENGTH, sentence_graph, unpadded_tokenizer
from .torch_file import read_state_dict

NAME = "offline"
LICENCE = (
    "Weights of both towers: Apache-2.0. Heads: trained on features of Flickr8k and ImageNet "
    "pictures, for non-commercial research and demonstration only."
)
NOTICE = (
    "This is a small demonstration model built from packages, not CLIP: it knows everyday scenes "
    "and common objects, and is poor at other nouns, colours, style and counting."
)
# See MODEL_CARD.md for how it was measured.
DUPLICATE_THRESHOLD = 0.93
# The image tower's int8 vectors have a mean cosine of 0.993 to the expected float32 ones.
SELF_TEST = SelfTest(inputs.SELF_TEST.read_bytes(), "a close-up of a tabby cat", 0.98)


def build(out: Path, progress: Callable[[str], None]) -> Path:
    """Write the bundle to `out`/offline unless the same one is there; return its directory.

    Raises:
        ModuleNotFoundError: a package with weights is not installed.
    """
    directory, description = out / NAME, describe()
    if identity := bundle_writer.up_to_date(directory, description):
        progress(f"{identity} is already in {directory}")
        return directory
    progress("joining EfficientNet-Lite0 and MiniLM")
    model, reference = assemble(int8=True), assemble(int8=False)
    progress("computing the self-test's vectors")
    identity = bundle_writer.write(directory, model, reference, description, SELF_TEST)
    progress(f"wrote {identity} to {directory}")
    return directory


def describe() -> Description:
    """The manifest's fixed part; reads the inputs for their checksums."""
    return Description(
        name=NAME,
        precision="int8",
        dimension=DIMENSION,
        image_size=IMAGE_SIZE,
        resize="shortest_side",
        interpolation="bicubic",
        context_length=CONTEXT_LENGTH,
        duplicate_threshold=DUPLICATE_THRESHOLD,
        licence=LICENCE,
        notice=NOTICE,
        recipe=f"python -m model offline, code {inputs.code_digest()}",
        sources=inputs.sources(),
    )


def assemble(*, int8: bool) -> Model:
    """Both towers with their heads; `int8` concerns the image tower."""
    weights = read_state_dict(inputs.image_weights())
    heads, zero_shot = Heads.load(inputs.HEADS), ZeroShot.of_classifier(weights["_fc.weight"])
    return Model(
        vision=_vision(weights, heads, zero_shot, int8=int8),
        text=_text(inputs.text_weights(), heads, zero_shot),
        tokenizer=unpadded_tokenizer(inputs.TOKENIZER.read_text()),
    )


def _vision(weights: Weights, heads: Heads, zero_shot: ZeroShot, *, int8: bool) -> ModelProto:
    graph = Graph.empty("vision")
    pixels = graph.input("pixels", TensorProto.UINT8, ["n", IMAGE_SIZE, IMAGE_SIZE, 3])
    features = EfficientNet(graph, weights, int8=int8).features(pixels)
    graph.output(add_image_head(graph, features, heads, zero_shot), ["n", DIMENSION])
    return graph.model()


def _text(path: Path, heads: Heads, zero_shot: ZeroShot) -> ModelProto:
    graph, sentences = sentence_graph(path)
    graph.output(add_text_head(graph, sentences, heads, zero_shot), ["n", DIMENSION])
    return graph.model()
