"""A plain numpy CLIP, written from the paper's description and sharing nothing with the graphs."""

import numpy as np
from numpy.typing import NDArray

from model.clip.architecture import Architecture, Text, Transformer, Vision
from model.clip.parameters import Array, Parameters

TINY = Architecture(
    vision=Vision(2, 32, 2, 64, "quick_gelu", patch=8, image_size=32),
    text=Text(2, 32, 2, 64, "quick_gelu", vocabulary=60, context=12, end_of_text=59),
    dimension=16,
)


def vision_vectors(parameters: Parameters, pixels: NDArray[np.uint8]) -> Array:
    vision = TINY.vision
    x = (pixels / 255 - np.array(vision.mean)) / np.array(vision.std)
    embeddings = "vision_model.embeddings"
    kernel = parameters[f"{embeddings}.patch_embedding.weight"]
    patch, grid = vision.patch, vision.grid
    cut = x.reshape(-1, grid, patch, grid, patch, 3)
    patches = np.einsum("nyixjc,wcij->nyxw", cut, kernel).reshape(len(x), grid**2, -1)
    token = np.broadcast_to(parameters[f"{embeddings}.class_embedding"], (len(x), 1, vision.width))
    tokens = np.concatenate([token, patches], axis=1)
    tokens = tokens + parameters[f"{embeddings}.position_embedding.weight"]
    tokens = norm(parameters, "vision_model.pre_layrnorm", tokens)
    seen = np.zeros((vision.positions, vision.positions))
    last = blocks(parameters, "vision_model", vision, tokens, seen)[:, 0]
    return unit(norm(parameters, "vision_model.post_layernorm", last), parameters, "visual")


def text_vectors(parameters: Parameters, ids: NDArray[np.int64]) -> Array:
    embeddings, length = "text_model.embeddings", ids.shape[1]
    tokens = parameters[f"{embeddings}.token_embedding.weight"][ids]
    tokens = tokens + parameters[f"{embeddings}.position_embedding.weight"][:length]
    seen = np.triu(np.full((length, length), -np.inf), 1)
    states = blocks(parameters, "text_model", TINY.text, tokens, seen)
    ends = (ids == TINY.text.end_of_text).argmax(axis=1)
    last = states[np.arange(len(ids)), ends]
    return unit(norm(parameters, "text_model.final_layer_norm", last), parameters, "text")


def blocks(
    parameters: Parameters, tower: str, shape: Transformer, x: Array, mask: NDArray[np.float64]
) -> Array:
    for i in range(shape.layers):
        block = f"{tower}.encoder.layers.{i}"
        normed = norm(parameters, f"{block}.layer_norm1", x)
        x = x + attention(parameters, f"{block}.self_attn", normed, shape.heads, mask)
        hidden = linear(parameters, f"{block}.mlp.fc1", norm(parameters, f"{block}.layer_norm2", x))
        active = hidden / (1 + np.exp(-1.702 * hidden))
        x = x + linear(parameters, f"{block}.mlp.fc2", active)
    return x


def attention(
    parameters: Parameters, name: str, x: Array, heads: int, mask: NDArray[np.float64]
) -> Array:
    n, t, width = x.shape
    q, k, v = (
        linear(parameters, f"{name}.{part}_proj", x)
        .reshape(n, t, heads, width // heads)
        .transpose(0, 2, 1, 3)
        for part in "qkv"
    )
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(width // heads) + mask
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = shares / shares.sum(axis=-1, keepdims=True) @ v
    return linear(parameters, f"{name}.out_proj", mixed.transpose(0, 2, 1, 3).reshape(n, t, width))


def linear(parameters: Parameters, name: str, x: Array) -> Array:
    return x @ parameters[f"{name}.weight"].T + parameters[f"{name}.bias"]


def norm(parameters: Parameters, name: str, x: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + 1e-5)
    return scaled * parameters[f"{name}.weight"] + parameters[f"{name}.bias"]


def unit(x: Array, parameters: Parameters, kind: str) -> Array:
    projected = x @ parameters[f"{kind}_projection.weight"].T
    result: Array = projected / np.linalg.norm(projected, axis=-1, keepdims=True)
    return result
