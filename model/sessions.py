"""Runs towers on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

from .graph import EMBEDDING

Feed: TypeAlias = Mapping[str, NDArray[np.generic]]
Vectors: TypeAlias = NDArray[np.float32]


def session(model: onnx.ModelProto) -> ort.InferenceSession:
    """Create a session with one thread, so that all sessions add up in the same order."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def embed(model: onnx.ModelProto, feeds: Iterable[Feed]) -> Vectors:
    """Embed feeds by a tower: (n, dimension)."""
    tower = session(model)
    return np.concatenate([tower.run([EMBEDDING], feed)[0] for feed in feeds])


def image_feeds(pixels: NDArray[np.uint8]) -> list[Feed]:
    """One feed for each image of uint8 (n, size, size, 3)."""
    return [{"pixels": image[None]} for image in pixels]


def text_feeds(texts: Iterable[Sequence[int]]) -> list[Feed]:
    """One feed for each sentence of token ids, at its own length."""
    return [{"input_ids": np.array([ids], np.int64)} for ids in texts]
