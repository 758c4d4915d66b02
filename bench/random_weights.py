"""CLIP ViT-B/32 with seeded random weights, in the files that each runtime reads.

It has the true architecture, so the true cost; only its meaning is missing. The layout is that of
the exports on model hubs. Runs with the packages of bench/requirements.txt:
`python -m bench.random_weights FOLDER`.
"""

from __future__ import annotations

import gzip
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (  # type: ignore[import-not-found]
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionModelWithProjection,
    logging,
)

_OPSET = 17
_CONTEXT = 77
# Of the merges that the vocabulary's file lists, CLIP uses those that make 49,408 tokens.
_MERGES = slice(1, 49152 - 256 - 2 + 1)
_TEXTS = {0: "texts", 1: "tokens"}
_AXES = {"pixel_values": {0: "images"}, "input_ids": _TEXTS, "attention_mask": _TEXTS}
# The model of each file, with its inputs and its first outputs.
_MODELS = {
    "vision_model": (CLIPVisionModelWithProjection, ["pixel_values"], ["image_embeds"]),
    "text_model": (CLIPTextModelWithProjection, ["input_ids"], ["text_embeds"]),
    "model": (
        CLIPModel,
        ["input_ids", "pixel_values", "attention_mask"],
        ["logits_per_image", "logits_per_text", "text_embeds", "image_embeds"],
    ),
}


def main() -> None:
    """Write every file."""
    warnings.simplefilter("ignore")  # the exporter's, about traced conditions
    logging.set_verbosity_error()  # a tower leaves the other's weights out
    folder = Path(sys.argv[1])
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    CLIPModel(CLIPConfig()).save_pretrained(folder)
    CLIPImageProcessorPil().save_pretrained(folder)
    tokenizer = _tokenizer()
    tokenizer.save_pretrained(folder)
    given = tokenizer(["a dog", "a cat"], return_tensors="pt")
    given["pixel_values"] = torch.zeros(2, 3, 224, 224)
    for name, (kind, inputs, outputs) in _MODELS.items():
        torch.onnx.export(
            kind.from_pretrained(folder, attn_implementation="eager").eval(),
            tuple(given[name] for name in inputs),
            folder / "onnx" / f"{name}.onnx",
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: _AXES[name] for name in inputs},
            opset_version=_OPSET,
            dynamo=False,  # the other exporter needs one more package
        )
    for name in ("vision_model", "text_model"):
        # As public exports are: all operators, unsigned.
        exact, quantised = (folder / "onnx" / f"{name}{end}.onnx" for end in ("", "_quantized"))
        quantize_dynamic(exact, quantised, weight_type=QuantType.QUInt8, reduce_range=True)


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


if __name__ == "__main__":
    main()
