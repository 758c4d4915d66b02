"""Unit vectors from real ONNX sessions, and the self-test that guards them."""

import hashlib
import json
import shutil

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from image_search import decoding, preprocess
from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import BundleError
from tests.tiny_bundle import DIMENSION, SIZE
from tests.unit.images import encoded, noise


def inputs(number):
    return np.stack([np.asarray(noise(SIZE, SIZE, seed=seed)) for seed in range(number)])


def with_weights(tiny_bundle, directory, file, change):
    """A bundle whose checksums are right and whose weights are not."""
    shutil.copytree(tiny_bundle, directory)
    model = onnx.load(directory / file)
    for tensor in model.graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if weights.dtype == np.float32:
            tensor.CopyFrom(numpy_helper.from_array(change(weights), tensor.name))
    return with_model(directory, file, model)


def with_model(directory, file, model):
    """A bundle with another model, and a checksum that agrees."""
    onnx.save(model, directory / file)
    manifest = json.loads((directory / "model.json").read_text())
    manifest["files"][file] = hashlib.sha256((directory / file).read_bytes()).hexdigest()
    (directory / "model.json").write_text(json.dumps(manifest))
    return load_directory(directory)


def test_an_image_s_vector_does_not_depend_on_its_batch(image_encoder):
    pixels = inputs(5)

    together = image_encoder.embed(pixels)

    alone = np.concatenate([image_encoder.embed(one[None]) for one in pixels])
    assert together == pytest.approx(alone, abs=1e-6)
    assert not np.allclose(together[0], together[1], atol=1e-3)


def test_an_image_is_seen_with_the_numbers_of_the_bundle(image_encoder):
    decoded = decoding.decode(encoded(noise(90, 50)))

    pixels = image_encoder.pixels(decoded)

    assert np.array_equal(pixels, preprocess.pixels(decoded.image, SIZE, "bicubic"))


def test_words_beyond_the_context_are_cut(text_encoder, bundle):
    seen = ["red", "green"] * (bundle.manifest.context_length // 2)

    longer = text_encoder.embed(" ".join([*seen, *["blue"] * 50]))

    assert np.array_equal(longer, text_encoder.embed(" ".join(seen)))
    assert not np.allclose(longer, text_encoder.embed(" ".join([*seen[:-1], "blue"])))


def test_the_self_test_of_a_whole_bundle_is_met(image_encoder, text_encoder):
    assert image_encoder.self_test_cosine == pytest.approx(1, abs=1e-3)
    assert text_encoder.self_test_cosine == pytest.approx(1, abs=1e-3)


def opposite(weights):
    """All weights with the wrong sign, or a shift that no image is centred by."""
    return -weights if weights.size > 1 else weights * 2


@pytest.mark.parametrize("change", [opposite, lambda weights: weights * np.float32(np.nan)])
@pytest.mark.parametrize(
    ("tower", "file"), [(ImageEncoder, "vision.onnx"), (TextEncoder, "text.onnx")]
)
def test_wrong_weights_fail_the_self_test(tower, file, change, tiny_bundle, tmp_path):
    bundle = with_weights(tiny_bundle, tmp_path / "wrong", file, change)

    wanted = r"tiny-fp32-00000000 is wrong on this processor.*0\.99 is needed; deploy a bundle"
    with pytest.raises(BundleError, match=wanted):
        tower(bundle)


def test_products_that_saturate_fail_the_self_test(tiny_bundle, tmp_path):
    """As where two products of unsigned and signed 8 bits are added in 16: AVX2 without VNNI."""
    wrong = shutil.copytree(tiny_bundle, tmp_path / "saturating")
    model = onnx.load(wrong / "vision.onnx")
    most = numpy_helper.from_array(np.float32((2**15 - 1) / (2 * 127)), "most")
    model.graph.initializer.append(most)
    saturation = helper.make_node("Clip", ["float", "", "most"], ["saturated"])
    next(node for node in model.graph.node if node.op_type == "Sub").input[0] = "saturated"
    model.graph.node.insert(1, saturation)
    bundle = with_model(wrong, "vision.onnx", model)

    with pytest.raises(BundleError, match=r"wrong on this processor.*deploy a bundle of another"):
        ImageEncoder(bundle)


def test_a_graph_for_one_image_only_fails_the_self_test(tiny_bundle, tmp_path):
    """As some exports are: they would fail every batch of two and leave it pending for ever."""
    wrong = shutil.copytree(tiny_bundle, tmp_path / "single")
    model = onnx.load(wrong / "vision.onnx")
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    bundle = with_model(wrong, "vision.onnx", model)

    with pytest.raises(BundleError, match="cannot embed two images at once"):
        ImageEncoder(bundle)


def test_one_tower_does_not_read_the_other_s_files(tiny_bundle, tmp_path):
    half = shutil.copytree(tiny_bundle, tmp_path / "half")
    (half / "vision.onnx").unlink()

    assert TextEncoder(load_directory(half)).embed("red").shape == (DIMENSION,)
    with pytest.raises(FileNotFoundError):
        ImageEncoder(load_directory(half))


@pytest.mark.parametrize(("words", "cut"), [(8, False), (9, True)])
def test_a_text_that_is_longer_than_the_model_sees_is_known_to_be_cut(words, cut, text_encoder):
    assert text_encoder.tokens(" ".join(["red"] * words)).cut is cut


def test_the_vector_of_a_recent_text_is_kept(bundle, monkeypatch):
    encoder = TextEncoder(bundle)
    first = encoder.embed("a red car")
    monkeypatch.setattr(encoder, "_session", None)

    assert np.array_equal(encoder.embed("a red car"), first)


def test_texts_that_differ_beyond_the_context_share_a_vector(text_encoder):
    kept = text_encoder.embed_tokens.cache_info().currsize
    for ending in ("blue", "green"):
        text_encoder.embed("red " * 20 + ending)

    assert text_encoder.embed_tokens.cache_info().currsize <= kept + 1


def telling(tiny_bundle, directory):
    """A bundle that knows a text by its first token: all but [UNK] are known."""
    shutil.copytree(tiny_bundle, directory)
    model = onnx.load(directory / "text.onnx")
    first = numpy_helper.from_array(np.array([0], np.int64), "first")
    model.graph.initializer.append(first)
    model.graph.node.extend(
        [
            helper.make_node("Gather", ["input_ids", "first"], ["column"], axis=1),
            helper.make_node("Squeeze", ["column"], ["ids"]),
            helper.make_node("Sign", ["ids"], ["signs"]),
            helper.make_node("Cast", ["signs"], ["flat_signs"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Reshape", ["flat_signs", "minus_one"], ["known"]),
        ]
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array([-1], np.int64), "minus_one"))
    model.graph.output.append(helper.make_tensor_value_info("known", onnx.TensorProto.FLOAT, ["n"]))
    return with_model(directory, "text.onnx", model)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("a red picture", ()),
        ("a blorp of xqzv of blorp", ("blorp", "xqzv")),
        ("a 猫", ("猫",)),
        ("🐱red", ("🐱",)),
        ("", ()),
    ],
)
def test_words_that_the_model_does_not_know_are_named_as_they_were_written(
    text, unknown, tiny_bundle, tmp_path
):
    encoder = TextEncoder(telling(tiny_bundle, tmp_path / "telling"))

    assert encoder.unknown_words(encoder.tokens(text)) == unknown


def test_a_model_without_a_known_output_reports_no_unknown_words(text_encoder):
    assert text_encoder.unknown_words(text_encoder.tokens("xqzv")) is None
