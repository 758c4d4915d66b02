"""CLIP in torch, full precision, through open_clip, in batches of eight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.contenders import protocol, torch_ready  # noqa: F401 - before torchvision

# isort: split
import open_clip  # type: ignore[import-not-found]
import torch
from PIL import Image

_BATCH = 8
_ARCHITECTURE = "ViT-B-32-quickgelu"


class OpenClip:
    """Its model, transforms and tokenizer."""

    def __init__(self, folder: Path, threads: int) -> None:
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        weights = str(folder / "open_clip_model.pt")
        made = open_clip.create_model_and_transforms(_ARCHITECTURE, pretrained=weights)
        self._model, _, self._preprocess = made
        self._model.eval()
        self._tokenizer = open_clip.get_tokenizer(_ARCHITECTURE)

    def embed(self, pictures: Sequence[str]) -> list[list[float]]:
        """Embed in batches, and give the vectors unit length."""
        batches = (pictures[at : at + _BATCH] for at in range(0, len(pictures), _BATCH))
        return [vector for batch in batches for vector in self._batch(batch)]

    def _batch(self, pictures: Sequence[str]) -> list[list[float]]:
        values = torch.stack([self._preprocess(Image.open(path)) for path in pictures])
        return list(self._model.encode_image(values, normalize=True).tolist())

    def embed_text(self, text: str) -> object:
        """Embed one text; this library pads every text to 77 tokens."""
        return self._model.encode_text(self._tokenizer([text]))


if __name__ == "__main__":
    protocol.serve(OpenClip)
