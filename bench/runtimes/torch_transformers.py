"""CLIP in torch, full precision, through transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from transformers import (  # type: ignore[import-not-found]
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPTokenizer,
)

from bench.runtimes import protocol


class Transformers:
    """CLIPModel with its processor and tokenizer."""

    def __init__(self, folder: Path, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self._model = CLIPModel.from_pretrained(folder).eval()
        self._processor = CLIPImageProcessorPil.from_pretrained(folder)
        self._tokenizer = CLIPTokenizer.from_pretrained(folder)

    def embed(self, paths: Sequence[str]) -> list[list[float]]:
        """Embed in one batch."""
        images = [Image.open(path).convert("RGB") for path in paths]
        inputs = self._processor(images=images, return_tensors="pt")
        pooled = self._model.vision_model(**inputs).pooler_output
        return list(self._model.visual_projection(pooled).tolist())

    def embed_text(self, text: str) -> object:
        """Embed one text at its own length."""
        inputs = self._tokenizer([text], return_tensors="pt")
        return self._model.text_projection(self._model.text_model(**inputs).pooler_output)


if __name__ == "__main__":
    protocol.serve(Transformers)
