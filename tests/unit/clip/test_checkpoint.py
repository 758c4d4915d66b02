"""Towers of a checkpoint answer as the library that wrote it does."""

from pathlib import Path

import numpy as np
import pytest

from model.clip.checkpoint import read_parameters
from model.clip.parameters import ParameterError, checked
from model.clip.safetensors import read_safetensors
from model.clip.tower import image_tower, text_tower
from model.errors import ModelError

from . import random_weights
from .tiny import TINY, run

DATA = Path(__file__).parent / "data"


def unit(x):
    result = x / np.linalg.norm(x, axis=1, keepdims=True)
    return result


@pytest.mark.parametrize("layout", ["transformers", "open_clip"])
def test_both_towers_answer_as_the_library_of_the_layout(layout):
    parameters = read_parameters(DATA / f"{layout}.safetensors", TINY)
    expected = np.load(DATA / "expected.npz")
    # What the libraries saw is what these pixels are after normalisation, but for rounding.
    mean, std = (np.array(x)[:, None, None] for x in (TINY.vision.mean, TINY.vision.std))
    pixels = np.rint((expected["pixels"] * std + mean) * 255).transpose(0, 2, 3, 1)
    images = run(image_tower(parameters, TINY).model("fp32"), pixels)
    texts = run(text_tower(parameters, TINY).model("fp32"), expected["ids"])
    np.testing.assert_allclose(images, unit(expected[f"{layout}_image"]), atol=2e-3)
    np.testing.assert_allclose(texts, unit(expected[f"{layout}_text"]), atol=1e-5)


def test_a_parameter_that_a_checkpoint_lacks_is_named():
    parameters = random_weights.plain()
    name = "vision_model.encoder.layers.1.mlp.fc2.bias"
    del parameters[name]
    with pytest.raises(ParameterError, match=name) as error:
        checked(parameters, TINY)
    assert error.value.missing == (name,)


def test_a_parameter_of_another_shape_is_named_with_both_shapes():
    parameters = random_weights.plain()
    parameters["visual_projection.weight"] = np.zeros((16, 31), np.float32)
    with pytest.raises(ParameterError, match=r"visual_projection.weight \(16, 31\), not \(16, 32"):
        checked(parameters, TINY)


def test_of_many_missing_parameters_some_are_named():
    with pytest.raises(ParameterError, match=r"class_embedding, .* and \d+ more$"):
        checked({}, TINY)


def test_half_precision_is_widened(tmp_path):
    header = b'{"x": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}}'
    numbers = np.array([1, -2], "<f2").tobytes()
    (tmp_path / "x").write_bytes(len(header).to_bytes(8, "little") + header + numbers)
    assert read_safetensors(tmp_path / "x")["x"].tolist() == [1, -2]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:100],
        lambda data: data[:-100],
        lambda data: b"\xff" * 8 + data[8:],
        lambda data: data.replace(b"F32", b"F99"),
        lambda _: b"",
    ],
    ids=["no header", "cut short", "endless header", "another type", "empty"],
)
def test_a_damaged_file_is_reported_by_its_name(damage, tmp_path):
    whole = (DATA / "transformers.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(damage(whole))
    with pytest.raises(ModelError, match=r"model.safetensors is not a safetensors file"):
        read_safetensors(tmp_path / "model.safetensors")
