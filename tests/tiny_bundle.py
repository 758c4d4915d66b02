"""A bundle of a few kilobytes with the real interface, for tests that need no meaning.

An image's vector is its colours on a 4 × 4 grid; a text's is the sum of its words' random vectors.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers

SIZE = 32
DIMENSION = 48
WORDS = ("[UNK]", "red", "green", "blue", "a", "picture", "of")
_TEST_TEXT = "a red picture"
_RANGE = {"best": 0.8, "typical": 0.6, "certain": 0.4, "unrelated": 0.2}
_FIDELITY = {
    "precision": "fp32",
    "cosine_mean": 1.0,
    "cosine_worst": 1.0,
    "top_ten": 1.0,
    "reason": "it is tiny",
}


def write_tiny_bundle(directory: Path) -> Path:
    """Write the bundle into a new directory and return it."""
    directory.mkdir(parents=True)
    onnx.save(_vision(), directory / "vision.onnx")
    onnx.save(_text(), directory / "text.onnx")
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(directory / "tokenizer.json"))
    (directory / "model.json").write_text(json.dumps(_manifest(directory)))
    return directory


def _vision() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Cast", ["pixels"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["float", "grey"], ["centred"]),
        helper.make_node("Transpose", ["centred"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["planes"], ["grid"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["grid"], ["flat"]),
    ]
    grey = numpy_helper.from_array(np.float32(127.5), "grey")
    return _model(nodes, [grey], "pixels", TensorProto.UINT8, ["n", SIZE, SIZE, 3])


def _text() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("ReduceSum", ["rows", "axis"], ["flat"], keepdims=0),
    ]
    table = np.random.default_rng(0).normal(size=(len(WORDS), DIMENSION)).astype(np.float32)
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([1], np.int64), "axis"),
    ]
    return _model(nodes, constants, "input_ids", TensorProto.INT64, ["n", "t"])


def _model(nodes, constants, name, kind, shape) -> onnx.ModelProto:
    nodes.append(helper.make_node("LpNormalization", ["flat"], ["embedding"], axis=1, p=2))
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(name, kind, shape)],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", DIMENSION])],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _manifest(directory: Path) -> dict[str, object]:
    image = Image.linear_gradient("L").resize((SIZE, SIZE)).convert("RGB")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    pixels = np.asarray(Image.open(file))[None]
    files = {
        name: hashlib.sha256((directory / name).read_bytes()).hexdigest()
        for name in ("vision.onnx", "text.onnx", "tokenizer.json")
    }
    return {
        "id": "tiny-fp32-00000000",
        "name": "tiny",
        "precision": "fp32",
        "processor": "any",
        "dimension": DIMENSION,
        "image_size": SIZE,
        "resize": "shortest_side",
        "interpolation": "bicubic",
        "context_length": 8,
        "duplicate_threshold": 0.99,
        "fidelity": {"text": _FIDELITY},
        "scores": {"words": _RANGE, "images": _RANGE},
        "licence": "MIT",
        "notice": "",
        "sources": [],
        "recipe": "written by the tests",
        "files": files,
        "self_test": {
            "image": base64.b64encode(file.getvalue()).decode(),
            "text": _TEST_TEXT,
            "image_vector": _run(directory / "vision.onnx", pixels),
            "text_vector": _run(directory / "text.onnx", np.array([[4, 1, 5]])),
            "minimum_cosine": 0.99,
        },
    }


def _run(model: Path, value: NDArray[np.generic]) -> list[float]:
    session = ort.InferenceSession(model)
    return session.run(None, {session.get_inputs()[0].name: value})[0][0].tolist()
