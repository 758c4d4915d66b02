"""A model's weights by the names that Hugging Face's transformers gives them.

Linear weights are (outputs, inputs), as in a checkpoint. Names and modules:
https://github.com/huggingface/transformers/blob/main/src/transformers/models/clip/modeling_clip.py
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from .architecture import Architecture, Text, Transformer, Vision

Array: TypeAlias = NDArray[np.float32]
Shape: TypeAlias = tuple[int, ...]
Parameters: TypeAlias = Mapping[str, Array]
_NAMED = 3  # names that a message lists


class ParameterError(ModelError):
    """Weights that do not fit the architecture."""

    def __init__(self, missing: Iterable[str], misshapen: Iterable[str] = ()) -> None:
        self.missing, self.misshapen = tuple(missing), tuple(misshapen)
        parts = [f"missing: {_some(self.missing)}"] if self.missing else []
        parts += [f"of the wrong shape: {_some(self.misshapen)}"] if self.misshapen else []
        super().__init__(f"the checkpoint does not fit its entry: {'; '.join(parts)}")


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def shapes(architecture: Architecture) -> dict[str, Shape]:
    """Every parameter's name and shape."""
    vision, text = architecture.vision, architecture.text
    return {
        **vision_shapes(vision),
        "visual_projection.weight": (architecture.dimension, vision.width),
        **text_shapes(text),
        "text_projection.weight": (architecture.dimension, text.width),
    }


def vision_shapes(vision: Vision) -> dict[str, Shape]:
    """Parameters of the vision tower without its projection."""
    embeddings, width = "vision_model.embeddings", vision.width
    return {
        f"{embeddings}.class_embedding": (width,),
        f"{embeddings}.patch_embedding.weight": (width, 3, vision.patch, vision.patch),
        f"{embeddings}.position_embedding.weight": (vision.positions, width),
        **dict(_norm("vision_model.pre_layrnorm", width)),  # spelled like this at the source
        **_blocks("vision_model", vision),
        **dict(_norm("vision_model.post_layernorm", width)),
    }


def text_shapes(text: Text) -> dict[str, Shape]:
    """Parameters of the text tower without its projection."""
    embeddings = "text_model.embeddings"
    return {
        f"{embeddings}.token_embedding.weight": (text.vocabulary, text.width),
        f"{embeddings}.position_embedding.weight": (text.context, text.width),
        **_blocks("text_model", text),
        **dict(_norm("text_model.final_layer_norm", text.width)),
    }


def _blocks(tower: str, shape: Transformer) -> dict[str, Shape]:
    blocks = (f"{tower}.encoder.layers.{index}" for index in range(shape.layers))
    return {name: size for block in blocks for name, size in _block(block, shape)}


def _block(block: str, shape: Transformer) -> Iterator[tuple[str, Shape]]:
    yield from _norm(f"{block}.layer_norm1", shape.width)
    for projection in ("q_proj", "k_proj", "v_proj", "out_proj"):
        yield from _linear(f"{block}.self_attn.{projection}", shape.width, shape.width)
    yield from _norm(f"{block}.layer_norm2", shape.width)
    yield from _linear(f"{block}.mlp.fc1", shape.mlp, shape.width)
    yield from _linear(f"{block}.mlp.fc2", shape.width, shape.mlp)


def _norm(name: str, width: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)


def _linear(name: str, outputs: int, inputs: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)


def checked(parameters: Parameters, architecture: Architecture) -> dict[str, Array]:
    """The architecture's parameters as float32, and nothing else.

    Raises:
        ParameterError: names that are missing, or arrays of another shape.
    """
    expected = shapes(architecture)
    missing = [name for name in expected if name not in parameters]
    misshapen = [
        f"{name} {parameters[name].shape}, not {shape}"
        for name, shape in expected.items()
        if name in parameters and parameters[name].shape != shape
    ]
    if missing or misshapen:
        raise ParameterError(missing, misshapen)
    return {name: np.asarray(parameters[name], np.float32) for name in expected}
