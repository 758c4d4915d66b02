"""A checkpoint's parameters, in transformers' layout or in open_clip's.

Both are safetensors files of the same model. Inside, parameters have transformers' names; open_clip
packs query, key and value into one matrix and stores its projections transposed:
https://github.com/mlfoundations/open_clip/blob/main/src/open_clip/model.py
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .architecture import Architecture
from .parameters import Array, checked
from .safetensors import read_safetensors

_OPEN_CLIP = "visual.proj"  # a name that only open_clip's layout has
# Beginnings of open_clip's names and of ours.
_PREFIXES = {
    "visual.transformer.resblocks.": "vision_model.encoder.layers.",
    "transformer.resblocks.": "text_model.encoder.layers.",
    "visual.class_embedding": "vision_model.embeddings.class_embedding",
    "visual.conv1.": "vision_model.embeddings.patch_embedding.",
    "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "visual.ln_pre.": "vision_model.pre_layrnorm.",
    "visual.ln_post.": "vision_model.post_layernorm.",
    "visual.proj": "visual_projection.weight",
    "token_embedding.": "text_model.embeddings.token_embedding.",
    "positional_embedding": "text_model.embeddings.position_embedding.weight",
    "ln_final.": "text_model.final_layer_norm.",
    "text_projection": "text_projection.weight",
}
# Parts of the names inside a block.
_PARTS = {
    ".ln_1.": ".layer_norm1.",
    ".ln_2.": ".layer_norm2.",
    ".mlp.c_fc.": ".mlp.fc1.",
    ".mlp.c_proj.": ".mlp.fc2.",
    ".attn.": ".self_attn.",
}
_TRANSPOSED = ("visual.proj", "text_projection")


def read_parameters(path: Path, architecture: Architecture) -> dict[str, Array]:
    """Both towers' parameters as float32.

    Raises:
        ModelError: the file cannot be read, or its parameters do not fit the architecture.
    """
    tensors: Mapping[str, NDArray[Any]] = read_safetensors(path)
    if _OPEN_CLIP in tensors:
        tensors = dict(_from_open_clip(tensors))
    return checked(tensors, architecture)


def _from_open_clip(tensors: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, value in tensors.items():
        ours = _renamed(name)
        if "in_proj_" in ours:
            parts = np.split(value, 3)
            yield from (
                (ours.replace("in_proj_", f"{p}_proj."), v)
                for p, v in zip("qkv", parts, strict=True)
            )
        else:
            yield ours, value.T if name in _TRANSPOSED else value


def _renamed(name: str) -> str:
    for theirs, ours in _PREFIXES.items():
        if name.startswith(theirs):
            name = ours + name.removeprefix(theirs)
            break
    for theirs, ours in _PARTS.items():
        name = name.replace(theirs, ours)
    return name
