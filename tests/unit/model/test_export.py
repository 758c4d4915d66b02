"""Any exported tower gets the ends of a bundle, and 8-bit weights."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from model.export import ExportError, with_pixel_input, with_token_input
from model.narrow import with_8_bit_weights
from model.registry import ImageRule

RNG = np.random.default_rng(0)
RULE = ImageRule(
    size=8,
    resize="squash",
    interpolation="bicubic",
    mean=(0.5, 0.4, 0.3),
    std=(0.2, 0.3, 0.4),
)
TABLE = RNG.normal(size=(2000, 128)).astype(np.float32)
WEIGHT = RNG.normal(size=(128, 64)).astype(np.float32)


def model(nodes, inputs, outputs, constants=()):
    graph = helper.make_graph(nodes, "export", inputs, outputs, list(constants))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def value(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, shape)


def vision_export(output="image_embeds"):
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], [output]),
    ]
    image = value("image", TensorProto.FLOAT, 1, 3, 8, 8)
    return model(nodes, [image], [value(output, TensorProto.FLOAT, 1, 3)])


def text_export(kind=TensorProto.INT64, mask=False):
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("MatMul", ["rows", "weight"], ["wide"]),
        helper.make_node("ReduceSum", ["wide", "axis"], ["text_embeds"], keepdims=0),
    ]
    inputs = [value("input_ids", kind, "n", "t")]
    if mask:
        nodes[1:1] = [
            helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
            helper.make_node("Mul", ["rows", "column"], ["kept"]),
        ]
        nodes[4].input[0] = "kept"
        inputs.append(value("attention_mask", TensorProto.INT64, "n", "t"))
    constants = [
        numpy_helper.from_array(TABLE, "table"),
        numpy_helper.from_array(WEIGHT, "weight"),
        numpy_helper.from_array(np.array([1], np.int64), "axis"),
        numpy_helper.from_array(np.array([-1], np.int64), "last"),
    ]
    return model(nodes, inputs, [value("text_embeds", TensorProto.FLOAT, "n", 64)], constants)


def run(graph: onnx.ModelProto, **feed):
    return ort.InferenceSession(graph.SerializeToString()).run(["embedding"], feed)[0]


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_pixels_are_normalised_inside_the_graph_whatever_its_input_is_called():
    pixels = RNG.integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)

    got = run(with_pixel_input(vision_export(), RULE), pixels=pixels)

    expected = unit(((pixels / 255 - RULE.mean) / RULE.std).mean((1, 2)))
    assert np.allclose(got, expected, atol=1e-5)


@pytest.mark.parametrize("kind", [TensorProto.INT64, TensorProto.INT32])
@pytest.mark.parametrize("mask", [False, True])
def test_ids_alone_are_enough_for_any_text_tower(kind, mask):
    ids = np.array([[1, 2, 1999]])

    got = run(with_token_input(text_export(kind, mask)), input_ids=ids)

    assert np.allclose(got, unit((TABLE[ids] @ WEIGHT).sum(1)), atol=1e-5)


def test_8_bit_weights_keep_the_direction_in_a_quarter_of_the_size():
    whole, ids = with_token_input(text_export()), np.array([[1, 2, 1999], [5, 6, 7]])
    expected = run(whole, input_ids=ids)

    narrow = with_8_bit_weights(with_token_input(text_export()))

    assert narrow.ByteSize() < whole.ByteSize() * 0.3
    assert ((run(narrow, input_ids=ids) * expected).sum(1) > 0.999).all()


def test_8_bit_vectors_do_not_depend_on_the_others_of_their_batch():
    narrow = with_8_bit_weights(with_token_input(text_export()))
    ids = RNG.integers(0, 2000, (4, 6))

    together = run(narrow, input_ids=ids)

    alone = np.concatenate([run(narrow, input_ids=row[None]) for row in ids])
    assert np.allclose(together, alone, atol=1e-6)  # sums in another order, nothing else


def test_an_export_without_vectors_is_refused_with_what_it_has():
    nodes = [helper.make_node("Identity", ["image"], ["hidden"])]
    image = value("image", TensorProto.FLOAT, 1, 3, 8, 8)
    hidden = value("hidden", TensorProto.FLOAT, 1, 3, 8, 8)

    with pytest.raises(ExportError, match="hidden"):
        with_pixel_input(model(nodes, [image], [hidden]), RULE)
