"""The exported towers as they are, in onnxruntime's Python package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image
from tokenizers import Tokenizer

from bench.runtimes import protocol

_SIZE = 224
_FILTER = Image.Resampling.BICUBIC
# https://huggingface.co/openai/clip-vit-base-patch32/blob/main/preprocessor_config.json
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


class OnnxRuntime:
    """Both towers in full precision."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder, self._threads = folder, threads
        self._vision = self._session("vision_model")

    def _session(self, name: str) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        path = self._folder / "onnx" / f"{name}.onnx"
        return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def embed(self, paths: Sequence[str]) -> list[list[float]]:
        """Embed in one batch."""
        values = np.stack([_values(path) for path in paths])
        return list(self._vision.run(["image_embeds"], {"pixel_values": values})[0].tolist())

    @cached_property
    def _text(self) -> tuple[Tokenizer, ort.InferenceSession]:
        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        return tokenizer, self._session("text_model")

    def embed_text(self, text: str) -> object:
        """Embed one text at its own length."""
        tokenizer, session = self._text
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        return session.run(["text_embeds"], {"input_ids": ids})[0]


def _values(path: str) -> NDArray[np.float32]:
    """The preprocessing that the model's card describes, with Pillow: (3, 224, 224)."""
    image = Image.open(path).convert("RGB")
    scale = _SIZE / min(image.size)
    image = image.resize((int(image.width * scale), int(image.height * scale)), _FILTER)
    left, top = (image.width - _SIZE) // 2, (image.height - _SIZE) // 2
    cropped = np.asarray(image.crop((left, top, left + _SIZE, top + _SIZE)), np.float32)
    values: NDArray[np.float32] = (cropped / np.float32(255) - _MEAN) / _STD
    return values.transpose(2, 0, 1)


if __name__ == "__main__":
    protocol.serve(OnnxRuntime)
