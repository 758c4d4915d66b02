"""Wrote vision.onnx and text.onnx next to it: a tiny CLIP, exported as public exports are.

With torch 2.13 and transformers 5.23: python tests/unit/towers/data/export.py
"""

from pathlib import Path

import torch
from transformers import CLIPConfig, CLIPModel

HERE = Path(__file__).parent
SHAPE = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2}
DEPTH = {"num_hidden_layers": 2}
TEXT = {"vocab_size": 60, "max_position_embeddings": 12, "eos_token_id": 59, "bos_token_id": 58}
VISION = {"image_size": 32, "patch_size": 8}


class Tower(torch.nn.Module):
    """One tower and its projection."""

    def __init__(self, tower: str, projection: str, model: CLIPModel) -> None:
        super().__init__()
        self.names = tower, projection
        for name in self.names:
            setattr(self, name, getattr(model, name))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tower, projection = (getattr(self, name) for name in self.names)
        return projection(tower(x).pooler_output)


def export(tower: Tower, example: torch.Tensor, name: str, result: str) -> None:
    # opset 11 and no fused attention: what the older public exports have
    torch.onnx.export(
        tower,
        (example,),
        str(HERE / f"{tower.names[0].removesuffix('_model')}.onnx"),
        input_names=[name],
        output_names=[result],
        dynamic_axes={name: dict(enumerate(("n", "t")[: 2 if name == "input_ids" else 1]))},
        opset_version=11,
        dynamo=False,
    )


torch.manual_seed(0)
config = CLIPConfig(
    text_config=SHAPE | DEPTH | TEXT, vision_config=SHAPE | DEPTH | VISION, projection_dim=16
)
model = CLIPModel(config).eval()
model.set_attn_implementation("eager")
with torch.no_grad():
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.normal_(0, 0.05)
pixels, ids = torch.rand(1, 3, 32, 32), torch.tensor([[58, 5, 6, 59]])
export(Tower("vision_model", "visual_projection", model), pixels, "pixel_values", "image_embeds")
export(Tower("text_model", "text_projection", model), ids, "input_ids", "text_embeds")
