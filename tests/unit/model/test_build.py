"""From exports of a hub to a bundle that serves, with a tiny CLIP in place of the real one."""

import dataclasses
import json

import numpy as np
import pytest
from tokenizers import Tokenizer

from image_search import preprocess
from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder, TextEncoder
from image_search.errors import BundleError
from model import build as builder
from model.download import DownloadError
from tests.unit.model.conftest import tiny_entry
from tests.unit.towers.reference import TINY


def build(tmp_path, processor="arm64"):
    lines = []
    directory = builder.build("tiny-clip", tmp_path / "bundles", lines.append, processor)
    return directory, lines


@pytest.mark.parametrize(
    ("changes", "processor", "precision"),
    [
        ({}, "arm64", "int8"),
        ({}, "x86-64", "int8-reduced"),
        ({"vision_tower": None}, "arm64", "int8-weights"),
    ],
)
def test_a_built_bundle_serves_its_towers(
    changes, processor, precision, hub, tmp_path, monkeypatch
):
    tiny_entry(monkeypatch, **changes)

    directory, _ = build(tmp_path, processor)

    bundle = load_directory(directory)
    assert bundle.manifest.id.startswith(f"tiny-clip-{precision}-")
    images, texts = ImageEncoder(bundle), TextEncoder(bundle)
    picture = preprocess.decode(builder._SELF_TEST.image)
    vectors = images.embed(np.stack([images.pixels(picture)] * 3))
    assert vectors.shape == (3, TINY.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert texts.embed("a cat").shape == (TINY.dimension,)


def test_every_input_is_named_in_the_manifest(hub, tmp_path, monkeypatch):
    tiny = tiny_entry(monkeypatch)

    directory, _ = build(tmp_path)

    sources = json.loads((directory / "model.json").read_text())["sources"]
    assert [source["sha256"] for source in sources] == [
        tiny.vision.sha256,
        tiny.text.sha256,
        tiny.tokenizer.sha256,
    ]


def test_a_bundle_that_is_there_is_not_built_again(hub, tmp_path, monkeypatch):
    tiny_entry(monkeypatch)
    directory, _ = build(tmp_path)
    monkeypatch.setattr(builder, "download", None)

    again, lines = build(tmp_path)

    assert again == directory
    assert "is already in" in lines[0]


def test_without_the_hub_nothing_is_written(hub, tmp_path, monkeypatch):
    def unreachable(file):
        raise DownloadError(file.path)

    tiny_entry(monkeypatch)
    monkeypatch.setattr(builder, "download", unreachable)

    with pytest.raises(DownloadError):
        build(tmp_path)

    assert not (tmp_path / "bundles" / "tiny-clip").exists()


def test_a_long_text_keeps_its_end_token(hub, tmp_path, monkeypatch):
    tiny_entry(monkeypatch)
    directory, _ = build(tmp_path)
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))

    ids = tokenizer.encode("cat " * 100).ids

    assert len(ids) == TINY.text.context
    assert ids[-1] == TINY.text.end_of_text


def test_a_bundle_that_fails_its_self_test_is_not_taken_for_complete(hub, tmp_path, monkeypatch):
    tiny_entry(monkeypatch)
    impossible = dataclasses.replace(builder._SELF_TEST, minimum_cosine=1.1)
    monkeypatch.setattr(builder, "_SELF_TEST", impossible)

    with pytest.raises(BundleError, match="wrong on this processor"):
        build(tmp_path)

    assert not (tmp_path / "bundles" / "tiny-clip" / "model.json").exists()
