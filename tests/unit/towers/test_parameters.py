from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from model.towers import random_weights
from model.towers.build import reference_towers
from model.towers.export import parameters_from_onnx
from model.towers.parameters import Array, ParameterError, checked

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
