"""CLIP in torch, full precision, through transformers, in batches of eight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.contenders import protocol, torch_ready  # noqa: F401 - before torchvision

# isort: split
import torch
from PIL import Image
from transformers import (  # type: ignore[import-not-found]
    CLIPImageProcessor,
    CLIPModel,
    CLIPTokenizer,
)

_BATCH = 8


class Transformers:
    """CLIPModel with its processor and tokenizer."""

    def __init__(self, folder: Path, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self._model = CLIPModel.from_pretrained(folder).eval()
        self._processor = CLIPImageProcessor.from_pretrained(folder)
        self._tokenizer = CLIPTokenizer.from_pretrained(folder)

    def embed(self, pictures: Sequence[str]) -> list[list[float]]:
        """Embed in batches, and give the vectors unit length."""
        batches = (pictures[at : at + _BATCH] for at in range(0, len(pictures), _BATCH))
        return [vector for batch in batches for vector in self._batch(batch)]

    def _batch(self, pictures: Sequence[str]) -> list[list[float]]:
        images = [Image.open(path).convert("RGB") for path in pictures]
        inputs = self._processor(images=images, return_tensors="pt")
        pooled = self._model.vision_model(**inputs).pooler_output
        vectors = torch.nn.functional.normalize(self._model.visual_projection(pooled))
        return list(vectors.tolist())

    def embed_text(self, text: str) -> object:
        """Embed one text at its own length."""
        inputs = self._tokenizer([text], return_tensors="pt")
        return self._model.text_projection(self._model.text_model(**inputs).pooler_output)


if __name__ == "__main__":
    protocol.serve(Transformers)
