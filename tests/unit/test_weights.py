"""A tower whose weights are read from the file itself: smaller, and with the same vectors."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from image_search import weights

FLOATS = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)


def model(*, as_floats=False):
    """A model with a large weight, a small one, and an attribute of fixed width."""
    large = onnx.numpy_helper.from_array(FLOATS, "large")
    if as_floats:
        large = onnx.helper.make_tensor("large", onnx.TensorProto.FLOAT, (64, 64), FLOATS.ravel())
    small = onnx.numpy_helper.from_array(np.array([-1], np.int64), "small")
    nodes = [
        onnx.helper.make_node("MatMul", ["x", "large"], ["product"]),
        onnx.helper.make_node("LeakyRelu", ["product"], ["bent"], alpha=0.5),
        onnx.helper.make_node("Reshape", ["bent", "small"], ["y"]),
    ]
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
        for name, shape in {"x": [1, 64], "y": [64]}.items()
    ]
    graph = onnx.helper.make_graph(nodes, "graph", ends[:1], ends[1:], [large, small])
    opset = [onnx.helper.make_opsetid("", 17)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def result(graph, file=None):
    options = ort.SessionOptions()
    if file is not None:
        options.add_external_initializers_from_files_in_memory(
            [weights.LOCATION], [file], [len(file)]
        )
    session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return session.run(["y"], {"x": np.linspace(-1, 1, 64, dtype=np.float32)[None]})[0]


@pytest.mark.parametrize("as_floats", [False, True])
def test_the_weights_of_the_file_have_the_same_result(as_floats):
    whole = model(as_floats=as_floats)

    assert np.array_equal(result(weights.graph_of(whole), whole), result(whole))


def test_a_large_weight_leaves_the_graph_and_a_small_one_stays():
    graph = onnx.ModelProto.FromString(weights.graph_of(model())).graph

    assert {tensor.name: bool(tensor.raw_data) for tensor in graph.initializer} == {
        "large": False,
        "small": True,
    }


def test_all_but_the_weights_is_as_before():
    before, after = (onnx.ModelProto.FromString(m) for m in (model(), weights.graph_of(model())))
    for one in (before, after):
        del one.graph.initializer[:]

    assert before == after
