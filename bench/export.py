"""CLIP ViT-B/32 with seeded random weights, in the files that each contender reads.

It has the true architecture, so the true cost; only its meaning is missing. The layout is that of
the exports on model hubs. Runs in the benchmark's own environment: `python -m bench.export FOLDER`.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.contenders import torch_ready  # noqa: F401 - before torchvision

# isort: split
import open_clip  # type: ignore[import-not-found]
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from open_clip.tokenizer import SimpleTokenizer  # type: ignore[import-not-found]
from torch import Tensor, nn
from transformers import (  # type: ignore[import-not-found]
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    CLIPTokenizer,
)

_SEED = 0
_OPSET = 17
_OPEN_CLIP = "ViT-B-32-quickgelu"
_SPECIAL = {"<start_of_text>": "<|startoftext|>", "<end_of_text>": "<|endoftext|>"}
_CONTEXT = 77


def main() -> None:
    """Write every file; the configuration comes last and says that the others are whole."""
    warnings.simplefilter("ignore")  # the exporter's, about traced conditions
    folder = Path(sys.argv[1])
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    torch.manual_seed(_SEED)
    torch.save(open_clip.create_model(_OPEN_CLIP).state_dict(), folder / "open_clip_model.pt")
    model = CLIPModel(CLIPConfig(attn_implementation="eager")).eval()
    for tower in _towers(model):
        tower.write(folder / "onnx")
    tokenizer().save_pretrained(folder)
    CLIPImageProcessor().save_pretrained(folder)
    model.save_pretrained(folder)


def tokenizer() -> CLIPTokenizer:
    """CLIP's tokenizer, from the vocabulary that open_clip ships."""
    source = SimpleTokenizer()
    vocabulary = {_SPECIAL.get(token, token): number for token, number in source.encoder.items()}
    return CLIPTokenizer(vocab=vocabulary, merges=list(source.bpe_ranks), model_max_length=_CONTEXT)


@dataclass(frozen=True)
class _Tower:
    """A part of CLIP as one graph."""

    name: str
    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: list[str]

    def write(self, folder: Path) -> None:
        """Export in full precision, and quantise as public exports are: all operators, unsigned."""
        path = folder / f"{self.name}.onnx"
        with torch.no_grad():
            torch.onnx.export(
                self.module,
                tuple(self.inputs.values()),
                path,
                input_names=list(self.inputs),
                output_names=self.outputs,
                dynamic_axes=_dynamic(self.inputs),
                opset_version=_OPSET,
                dynamo=False,  # the other exporter needs one more package
            )
        quantised = folder / f"{self.name}_quantized.onnx"
        quantize_dynamic(path, quantised, weight_type=QuantType.QUInt8, reduce_range=True)


def _dynamic(inputs: dict[str, Tensor]) -> dict[str, dict[int, str]]:
    text = {0: "texts", 1: "tokens"}
    return {name: {0: "images"} if name == "pixel_values" else text for name in inputs}


def _towers(model: CLIPModel) -> Iterator[_Tower]:
    pixels = {"pixel_values": torch.zeros(2, 3, 224, 224)}
    ids = {"input_ids": tokenizer()(["a dog", "a cat"], return_tensors="pt")["input_ids"]}
    both = ids | pixels | {"attention_mask": torch.ones_like(ids["input_ids"])}
    yield _Tower("vision_model", _Vision(model), pixels, ["image_embeds"])
    yield _Tower("text_model", _Text(model), ids, ["text_embeds"])
    logits = ["logits_per_image", "logits_per_text"]
    yield _Tower("model", _Both(model), both, [*logits, "text_embeds", "image_embeds"])


class _Vision(nn.Module):  # type: ignore[misc]
    """Its parts have the names that they have in public exports."""

    def __init__(self, model: CLIPModel) -> None:
        super().__init__()
        self.vision_model, self.visual_projection = model.vision_model, model.visual_projection

    def forward(self, pixels: Tensor) -> Any:
        return self.visual_projection(self.vision_model(pixels).pooler_output)


class _Text(nn.Module):  # type: ignore[misc]
    def __init__(self, model: CLIPModel) -> None:
        super().__init__()
        self.text_model, self.text_projection = model.text_model, model.text_projection

    def forward(self, ids: Tensor) -> Any:
        return self.text_projection(self.text_model(ids).pooler_output)


class _Both(nn.Module):  # type: ignore[misc]
    def __init__(self, model: CLIPModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, pixels: Tensor, mask: Tensor) -> Any:
        both = self.model(input_ids=ids, pixel_values=pixels, attention_mask=mask)
        return both.logits_per_image, both.logits_per_text, both.text_embeds, both.image_embeds


if __name__ == "__main__":
    main()
