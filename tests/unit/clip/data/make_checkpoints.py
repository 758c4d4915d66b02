"""Wrote transformers.safetensors, open_clip.safetensors and expected.npz next to it.

One tiny CLIP in both layouts, and what each library answers. With torch 2.13, transformers 5.24 and
open_clip 3.3: python -m tests.unit.clip.data.make_checkpoints
"""

from pathlib import Path

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

HERE = Path(__file__).parent
SHAPE = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2}
DEPTH = {"num_hidden_layers": 2}
TEXT = {"vocab_size": 60, "max_position_embeddings": 12, "eos_token_id": 59, "bos_token_id": 58}
VISION = {"image_size": 32, "patch_size": 8}


def transformers_model() -> CLIPModel:
    config = CLIPConfig(
        text_config=SHAPE | DEPTH | TEXT, vision_config=SHAPE | DEPTH | VISION, projection_dim=16
    )
    return CLIPModel(config).eval()


def open_clip_model() -> open_clip.CLIP:
    vision = open_clip.CLIPVisionCfg(
        layers=2, width=32, head_width=16, mlp_ratio=2, patch_size=8, image_size=32
    )
    text = open_clip.CLIPTextCfg(
        context_length=12, vocab_size=60, width=32, heads=2, layers=2, mlp_ratio=2
    )
    return open_clip.CLIP(16, vision, text, quick_gelu=True).eval()


def with_biases(model: torch.nn.Module) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.05)


torch.manual_seed(0)
theirs, other = transformers_model(), open_clip_model()
with_biases(theirs)
with_biases(other)
theirs.save_pretrained(HERE / "written")
(HERE / "written" / "model.safetensors").rename(HERE / "transformers.safetensors")
state = {name: value.contiguous() for name, value in other.state_dict().items()}
save_file(state, HERE / "open_clip.safetensors", metadata={"format": "pt"})
pixels, ids = torch.rand(3, 3, 32, 32), torch.tensor([[58, 5, 6, 7, 59], [58, 1, 2, 59, 0]])
padded = torch.nn.functional.pad(ids, (0, 7))
with torch.no_grad():
    np.savez(
        HERE / "expected.npz",
        pixels=pixels.numpy(),
        ids=ids.numpy(),
        transformers_image=theirs.get_image_features(pixels).pooler_output.numpy(),
        transformers_text=theirs.get_text_features(ids).pooler_output.numpy(),
        open_clip_image=other.encode_image(pixels).numpy(),
        open_clip_text=other.encode_text(padded).numpy(),
    )
