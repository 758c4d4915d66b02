"""From exports of a hub to a bundle that serves, with a tiny CLIP in place of the real one."""

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from image_search import preprocess
from image_search.bundle import load_directory
from image_search.encoder import ImageEncoder, TextEncoder
from model import build as builder
from model.download import DownloadError
from model.registry import Entry, entry
from tests.unit.towers.reference import TINY

DATA = Path(__file__).parents[1] / "towers" / "data"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The files of a tiny CLIP, whatever is asked for."""
    start, end = TINY.text.end_of_text - 1, TINY.text.end_of_text
    words = {"[UNK]": 0, "a": 1, "cat": 2, "<start>": start, "<end>": end}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [("<start>", start), ("<end>", end)]
    tokenizer.post_processor = processors.TemplateProcessing("<start> $A <end>", None, ends)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    files = {"vision": DATA / "vision.onnx", "text": DATA / "text.onnx"}

    def download(file):
        named = (path for role, path in files.items() if role in file.path)
        return next(named, tmp_path / "tokenizer.json")

    monkeypatch.setattr(builder, "download", download)


def tiny_entry(monkeypatch, **changes):
    """CLIP's entry with the tiny model's sizes."""
    image = entry("clip-vit-b32").image.model_copy(update={"size": TINY.vision.image_size})
    sizes = {"image": image, "dimension": TINY.dimension, "context_length": TINY.text.context}
    tiny = entry("clip-vit-b32").model_copy(update=sizes | changes)
    monkeypatch.setattr(builder, "entry", lambda _: tiny)
    if tiny.vision_tower:
        monkeypatch.setattr(Entry, "architecture", property(lambda _: TINY))
    return tiny


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
