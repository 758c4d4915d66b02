"""Parameters by open_clip's names, as transformers names them.

Some models are published in this form only. Modules:
https://github.com/mlfoundations/open_clip/blob/main/src/open_clip/transformer.py
"""

import re
from collections.abc import Iterator

from .parameters import Array, Parameters

_BLOCK = re.compile(r"(visual\.)?transformer\.resblocks\.(\d+)\.(.+)")
_NAMES = {
    "visual.class_embedding": "vision_model.embeddings.class_embedding",
    "visual.positional_embedding": "vision_model.embeddings.position_embedding.weight",
    "visual.conv1.weight": "vision_model.embeddings.patch_embedding.weight",
    "token_embedding.weight": "text_model.embeddings.token_embedding.weight",
    "positional_embedding": "text_model.embeddings.position_embedding.weight",
}
_PROJECTIONS = {
    "visual.proj": "visual_projection.weight",
    "text_projection": "text_projection.weight",
}
_NORMS = {
    "visual.ln_pre": "vision_model.pre_layrnorm",
    "visual.ln_post": "vision_model.post_layernorm",
    "ln_final": "text_model.final_layer_norm",
}
_PARTS = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}


def from_open_clip(parameters: Parameters) -> dict[str, Array]:
    """The same weights by transformers' names; what has no counterpart is left out."""
    return dict(pair for name, value in parameters.items() for pair in _renamed(name, value))


def _renamed(name: str, value: Array) -> Iterator[tuple[str, Array]]:
    layer, _, kind = name.rpartition(".")
    if name in _NAMES:
        yield _NAMES[name], value
    elif name in _PROJECTIONS:  # stored as (inputs, outputs)
        yield _PROJECTIONS[name], value.T
    elif layer in _NORMS:
        yield f"{_NORMS[layer]}.{kind}", value
    elif match := _BLOCK.fullmatch(name):
        tower = "vision_model" if match[1] else "text_model"
        yield from _of_block(f"{tower}.encoder.layers.{match[2]}", match[3], value)


def _of_block(block: str, name: str, value: Array) -> Iterator[tuple[str, Array]]:
    layer, _, kind = name.rpartition(".")
    if name.startswith("attn.in_proj_"):  # query, key and value in one
        for part, third in zip("qkv", value.reshape(3, -1, *value.shape[1:]), strict=True):
            yield f"{block}.self_attn.{part}_proj.{name.removeprefix('attn.in_proj_')}", third
    elif layer in _PARTS:
        yield f"{block}.{_PARTS[layer]}.{kind}", value
