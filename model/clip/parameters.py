"""A model's weights by the names that Hugging Face's transformers gives them.

Linear weights are (outputs, inputs), as in a checkpoint. Names and modules:
https://github.com/huggingface/transformers/blob/main/src/transformers/models/clip/modeling_clip.py
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from .architecture import Architecture, Transformer

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
    vision, text, dimension = architecture.vision, architecture.text, architecture.dimension
    seen, read = "vision_model.embeddings", "text_model.embeddings"
    return {
        f"{seen}.class_embedding": (vision.width,),
        f"{seen}.patch_embedding.weight": (vision.width, 3, vision.patch, vision.patch),
        f"{seen}.position_embedding.weight": (vision.positions, vision.width),
        **_norm("vision_model.pre_layrnorm", vision.width),  # spelled like this at the source
        **_blocks("vision_model", vision),
        **_norm("vision_model.post_layernorm", vision.width),
        "visual_projection.weight": (dimension, vision.width),
        f"{read}.token_embedding.weight": (text.vocabulary, text.width),
        f"{read}.position_embedding.weight": (text.context, text.width),
        **_blocks("text_model", text),
        **_norm("text_model.final_layer_norm", text.width),
        "text_projection.weight": (dimension, text.width),
    }


def _blocks(tower: str, shape: Transformer) -> dict[str, Shape]:
    width = shape.width
    block = _norm("layer_norm1", width)
    for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
        block |= _linear(f"self_attn.{part}", width, width)
    block |= _norm("layer_norm2", width)
    block |= _linear("mlp.fc1", shape.mlp, width) | _linear("mlp.fc2", width, shape.mlp)
    return {
        f"{tower}.encoder.layers.{index}.{name}": size
        for index in range(shape.layers)
        for name, size in block.items()
    }


def _linear(name: str, outputs: int, inputs: int) -> dict[str, Shape]:
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _norm(name: str, width: int) -> dict[str, Shape]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


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
