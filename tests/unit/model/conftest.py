"""A hub that has nothing but a tiny CLIP."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from model import build as builder
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
