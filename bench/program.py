"""A contender in Python: `python -m bench.program image_search|onnxruntime FOLDER THREADS`.

It speaks lines of JSON on its standard input and output, as `program.mjs` does. It writes a line
once its model is loaded, then answers each request: `{"images": [path, …]}` with `vectors`,
`{"text": "…"}` with the `seconds` that the embedding took. Every line that it writes has `cpu`, the
seconds of processor time that the process has used so far.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from PIL import Image
from tokenizers import Tokenizer

from image_search import bundle, encoder, preprocess

_SIZE = 224
# https://huggingface.co/openai/clip-vit-base-patch32/blob/main/preprocessor_config.json
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


class ImageSearch:
    """What this project's functions do with a bundle, without the object store."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._bundle = bundle.load_directory(folder)
        self._images = encoder.ImageEncoder(self._bundle, threads)

    def embed(self, paths: Sequence[str]) -> NDArray[np.float32]:
        """Decode and embed; the encoder divides them into its own batches."""
        decoded = (preprocess.decode(Path(path).read_bytes()) for path in paths)
        return self._images.embed(np.stack([self._images.pixels(image) for image in decoded]))

    @cached_property
    def _text(self) -> encoder.TextEncoder:
        return encoder.TextEncoder(self._bundle)

    def embed_text(self, text: str) -> object:
        """Embed as the search function does, which keeps the vectors of recent texts."""
        return self._text.embed(text)


class OnnxRuntime:
    """The exported towers as they are, in full precision."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder, self._threads = folder, threads
        self._vision = self._session("vision_model")

    def _session(self, name: str) -> ort.InferenceSession:
        options = ort.SessionOptions()
        options.intra_op_num_threads = self._threads
        path = self._folder / "onnx" / f"{name}.onnx"
        return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def embed(self, paths: Sequence[str]) -> NDArray[np.float32]:
        """Embed in one batch."""
        vectors: NDArray[np.float32] = self._vision.run(
            ["image_embeds"], {"pixel_values": np.stack([_pixels(path) for path in paths])}
        )[0]
        return vectors

    @cached_property
    def _text(self) -> tuple[Tokenizer, ort.InferenceSession]:
        tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        return tokenizer, self._session("text_model")

    def embed_text(self, text: str) -> object:
        """Embed one text at its own length."""
        tokenizer, session = self._text
        ids = np.array([tokenizer.encode(text).ids], np.int64)
        return session.run(["text_embeds"], {"input_ids": ids})[0]


def _pixels(path: str) -> NDArray[np.float32]:
    """The preprocessing that the model's card describes, with Pillow: (3, 224, 224)."""
    image = Image.open(path).convert("RGB")
    scale = _SIZE / min(image.size)
    size = (int(image.width * scale), int(image.height * scale))
    image = image.resize(size, Image.Resampling.BICUBIC)
    left, top = (image.width - _SIZE) // 2, (image.height - _SIZE) // 2
    cropped = np.asarray(image.crop((left, top, left + _SIZE, top + _SIZE)), np.float32)
    values: NDArray[np.float32] = (cropped / np.float32(255) - _MEAN) / _STD
    return values.transpose(2, 0, 1)


def main() -> None:
    """Load the model and answer requests."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # a library that prints must not break the protocol
    kind, folder, threads = sys.argv[1:]
    load = ImageSearch if kind == "image_search" else OnnxRuntime
    model = load(Path(folder), int(threads))
    _write(answers, {})
    for line in sys.stdin:
        _write(answers, _answer(model, json.loads(line)))


def _answer(model: ImageSearch | OnnxRuntime, request: dict[str, Any]) -> dict[str, Any]:
    if "text" not in request:
        return {"vectors": model.embed(request["images"]).tolist()}
    start = time.perf_counter()
    model.embed_text(request["text"])
    return {"seconds": time.perf_counter() - start}


def _write(answers: Any, answer: dict[str, Any]) -> None:
    print(json.dumps({**answer, "cpu": time.process_time()}), file=answers, flush=True)


if __name__ == "__main__":
    main()
