"""CLIP ViT-B/32 with seeded random weights, in the files that each runtime reads.

It has the true architecture, so the true cost; only its meaning is missing. The layout is that of
the exports on model hubs. Runs with the packages of bench/requirements.txt:
`python -m bench.random_weights FOLDER`.
"""

from __future__ import annotations

import gzip
import sys
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers.pre_tokenizers import ByteLevel
from torch import Tensor, nn
from transformers import (  # type: ignore[import-not-found]
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPTokenizer,
)

_OPSET = 17
_CONTEXT = 77
# Of the merges that the vocabulary's file lists, CLIP uses those that make 49,408 tokens.
_MERGES = slice(1, 49152 - 256 - 2 + 1)
_AXES = {
    "pixel_values": {0: "images"},
    "input_ids": {0: "texts", 1: "tokens"},
    "attention_mask": {0: "texts", 1: "tokens"},
}


def main() -> None:
    """Write every file."""
    warnings.simplefilter("ignore")  # the exporter's, about traced conditions
    folder = Path(sys.argv[1])
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    model = CLIPModel(CLIPConfig(attn_implementation="eager")).eval()
    tokenizer = _tokenizer()
    tokenizer.save_pretrained(folder)
    CLIPImageProcessorPil().save_pretrained(folder)
    model.save_pretrained(folder)
    _export(model, tokenizer(["a dog", "a cat"], return_tensors="pt")["input_ids"], folder / "onnx")


def _tokenizer() -> CLIPTokenizer:
    """CLIP's tokenizer, from the vocabulary that open_clip ships and that is read without it."""
    package = find_spec("open_clip")
    folder = Path(package.submodule_search_locations[0])  # type: ignore[union-attr, index]
    compressed = (folder / "bpe_simple_vocab_16e6.txt.gz").read_bytes()
    lines = gzip.decompress(compressed).decode().splitlines()
    merges = [tuple(line.split()) for line in lines[_MERGES]]
    alphabet = sorted(ByteLevel.alphabet())
    ends = [f"{symbol}</w>" for symbol in alphabet]
    special = ["<|startoftext|>", "<|endoftext|>"]
    tokens = [*alphabet, *ends, *map("".join, merges), *special]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=_CONTEXT)


def _export(model: CLIPModel, ids: Tensor, folder: Path) -> None:
    text = {"input_ids": ids}
    image = {"pixel_values": torch.zeros(len(ids), 3, 224, 224)}
    every = text | image | {"attention_mask": torch.ones_like(ids)}
    embeddings = ["text_embeds", "image_embeds"]
    logits = ["logits_per_image", "logits_per_text"]
    _write(_Graph(model, _vision), image, embeddings[1:], folder / "vision_model.onnx")
    _write(_Graph(model, _text), text, embeddings[:1], folder / "text_model.onnx")
    _write(_Graph(model, _both), every, logits + embeddings, folder / "model.onnx")
    for name in ("vision_model", "text_model"):
        # As public exports are: all operators, unsigned.
        exact, quantised = folder / f"{name}.onnx", folder / f"{name}_quantized.onnx"
        quantize_dynamic(exact, quantised, weight_type=QuantType.QUInt8, reduce_range=True)


def _write(module: nn.Module, inputs: dict[str, Tensor], outputs: list[str], path: Path) -> None:
    with torch.no_grad():
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            path,
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes={name: _AXES[name] for name in inputs},
            opset_version=_OPSET,
            dynamo=False,  # the other exporter needs one more package
        )


class _Graph(nn.Module):  # type: ignore[misc]
    """What a function of the model and its inputs computes."""

    def __init__(self, model: CLIPModel, run: Callable[..., Any]) -> None:
        super().__init__()
        self.model, self._run = model, run

    def forward(self, *inputs: Tensor) -> Any:
        return self._run(self.model, *inputs)


def _vision(model: CLIPModel, pixels: Tensor) -> Any:
    return model.visual_projection(model.vision_model(pixels).pooler_output)


def _text(model: CLIPModel, ids: Tensor) -> Any:
    return model.text_projection(model.text_model(ids).pooler_output)


def _both(model: CLIPModel, ids: Tensor, pixels: Tensor, mask: Tensor) -> Any:
    both = model(input_ids=ids, pixel_values=pixels, attention_mask=mask)
    return both.logits_per_image, both.logits_per_text, both.text_embeds, both.image_embeds


if __name__ == "__main__":
    main()
