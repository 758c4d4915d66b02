import json
import re
from functools import reduce
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from model.towers import random_weights
from model.towers.build import reference_towers
from model.towers.checkpoint import parameters_from_safetensors
from model.towers.export import parameters_from_onnx
from model.towers.parameters import Array, ParameterError, checked, shapes

from .reference import TINY
from .tiny import pictures, run, sentence

DATA = Path(__file__).parent / "data"
EXPORTS = [DATA / "vision.onnx", DATA / "text.onnx"]


def unit(x: Array) -> Array:
    result: Array = x / np.linalg.norm(x, axis=1, keepdims=True)
    return result


def test_towers_of_an_exports_parameters_answer_as_the_export_does() -> None:
    vision, text = reference_towers(parameters_from_onnx(EXPORTS, TINY), TINY)
    mean, std = np.array(TINY.vision.mean), np.array(TINY.vision.std)
    values = ((pictures(3) / 255 - mean) / std).transpose(0, 3, 1, 2).astype(np.float32)
    images = ort.InferenceSession(EXPORTS[0]).run(None, {"pixel_values": values})[0]
    np.testing.assert_allclose(run(vision, pictures(3)), unit(images), atol=1e-5)
    ids = np.array([sentence(7)])
    texts = ort.InferenceSession(EXPORTS[1]).run(None, {"input_ids": ids})[0]
    np.testing.assert_allclose(run(text, ids), unit(texts), atol=1e-5)


def test_a_parameter_that_an_export_lacks_is_named(tmp_path: Path) -> None:
    model = onnx.load(EXPORTS[0])
    name = "vision_model.encoder.layers.1.mlp.fc2.bias"
    next(t for t in model.graph.initializer if t.name == name).name = "other"
    onnx.save(model, tmp_path / "vision.onnx")
    with pytest.raises(ParameterError) as error:
        parameters_from_onnx([tmp_path / "vision.onnx", EXPORTS[1]], TINY)
    assert error.value.missing == (name,)
    assert name in str(error.value)


def test_a_parameter_of_another_shape_is_named_with_both_shapes() -> None:
    parameters = random_weights.plain(TINY)
    parameters["visual_projection.weight"] = np.zeros((16, 31), np.float32)
    with pytest.raises(ParameterError, match=r"visual_projection.weight \(16, 31\), not \(16, 32"):
        checked(parameters, TINY)


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16"])
def test_a_checkpoint_is_read_in_every_float_format(tmp_path: Path, kind: str) -> None:
    written = {name: np.round(v * 4) for name, v in random_weights.plain(TINY).items()}
    write_checkpoint(tmp_path / "model.safetensors", written, kind)
    read = parameters_from_safetensors(tmp_path / "model.safetensors", TINY)
    for name, value in written.items():
        np.testing.assert_array_equal(read[name], value)


def test_a_checkpoint_with_open_clips_names_is_the_same_model(tmp_path: Path) -> None:
    parameters = random_weights.outlier_rich(TINY)
    write_checkpoint(tmp_path / "open_clip.safetensors", open_clip_names(parameters), "F32")
    read = parameters_from_safetensors(tmp_path / "open_clip.safetensors", TINY)
    for name, value in parameters.items():
        np.testing.assert_array_equal(read[name], value)


def write_checkpoint(path: Path, parameters: dict[str, Array], kind: str) -> None:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, value in parameters.items():
        chunk = encoded(np.ascontiguousarray(value), kind)
        offsets = [len(data), len(data) + len(chunk)]
        header[name] = {"dtype": kind, "shape": value.shape, "data_offsets": offsets}
        data += chunk
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def encoded(value: Array, kind: str) -> bytes:
    if kind == "BF16":
        return (value.view(np.uint32) >> 16).astype("<u2").tobytes()
    return value.astype({"F32": "<f4", "F16": "<f2"}[kind]).tobytes()


def open_clip_names(parameters: dict[str, Array]) -> dict[str, Array]:
    """What open_clip would save, and one parameter that only it has."""
    renamed = {"logit_scale": np.zeros((), np.float32)}
    for name, value in parameters.items():
        other = reduce(lambda text, names: re.sub(*names, text), OPEN_CLIP, name)
        renamed[other] = value.T if other in ("visual.proj", "text_projection") else value
    for prefix in {name.partition("q_proj")[0] for name in renamed if "q_proj" in name}:
        for kind in ("weight", "bias"):
            thirds = [renamed.pop(f"{prefix}{part}_proj.{kind}") for part in "qkv"]
            renamed[f"{prefix}in_proj_{kind}"] = np.concatenate(thirds)
    return renamed


OPEN_CLIP = (
    ("visual_projection.weight", "visual.proj"),
    ("text_projection.weight", "text_projection"),
    ("vision_model.encoder.layers", "visual.transformer.resblocks"),
    ("text_model.encoder.layers", "transformer.resblocks"),
    ("layer_norm(?=[12])", "ln_"),
    ("self_attn", "attn"),
    ("mlp.fc1", "mlp.c_fc"),
    ("mlp.fc2", "mlp.c_proj"),
    ("vision_model.embeddings.patch_embedding", "visual.conv1"),
    ("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"),
    ("vision_model.embeddings.class", "visual.class"),
    ("vision_model.pre_layrnorm", "visual.ln_pre"),
    ("vision_model.post_layernorm", "visual.ln_post"),
    ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
    ("text_model.embeddings.token", "token"),
    ("text_model.final_layer_norm", "ln_final"),
)


@pytest.mark.parametrize("draw", [random_weights.plain, random_weights.outlier_rich])
def test_random_weights_are_complete_and_the_same_for_the_same_seed(draw) -> None:
    first, again = draw(TINY, seed=1), draw(TINY, seed=1)
    assert {name: value.shape for name, value in first.items()} == shapes(TINY)
    for name, value in first.items():
        np.testing.assert_array_equal(value, again[name])
        assert value.dtype == np.float32
