"""A tiny model, images and sentences for it."""

from functools import lru_cache

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from model.clip.architecture import Architecture, Text, Vision
from model.clip.parameters import Array

TINY = Architecture(
    vision=Vision(2, 32, 2, 64, "quick_gelu", patch=8, image_size=32),
    text=Text(2, 32, 2, 64, "quick_gelu", vocabulary=60, context=12, end_of_text=59),
    dimension=16,
)
START, END = 58, 59


def images(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Coarse random blocks with noise: neighbours are alike, as in photographs."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 4, 4, 3)).repeat(8, axis=1).repeat(8, axis=2)
    noise = rng.integers(-20, 21, (count, 32, 32, 3))
    return np.clip(coarse + noise, 0, 255).astype(np.uint8)


def sentence(length: int, seed: int = 0) -> list[int]:
    words = np.random.default_rng(seed).integers(0, START, length - 2)
    return [START, *words.tolist(), END]


def padded(ids: list[int], padding: int = 0) -> list[int]:
    return ids + [padding] * (TINY.text.context - len(ids))


def run(model: onnx.ModelProto, value: object) -> Array:
    session = _session(model.SerializeToString(deterministic=True))
    name = session.get_inputs()[0].name
    dtype = np.uint8 if name == "pixels" else np.int64
    result: Array = session.run(["embedding"], {name: np.asarray(value, dtype)})[0]
    return result


@lru_cache(maxsize=4)
def _session(model: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(model, options)
