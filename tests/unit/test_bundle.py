"""A bundle serves only as it was built."""

import json
import shutil

import pytest
from msgspec import ValidationError

from image_search.bundle import load, load_directory
from image_search.errors import BundleError


@pytest.mark.parametrize("name", ["vision.onnx", "text.onnx", "tokenizer.json"])
def test_a_file_is_read_unless_it_was_altered(name, tiny_bundle, tmp_path):
    altered = shutil.copytree(tiny_bundle, tmp_path / "altered")
    (altered / name).write_bytes((tiny_bundle / name).read_bytes() + b" ")

    assert load_directory(tiny_bundle).read(name) == (tiny_bundle / name).read_bytes()
    with pytest.raises(BundleError, match=rf"{name} of bundle tiny-fp32-00000000 .*build and"):
        load_directory(altered).read(name)


def test_a_file_is_read_when_it_is_needed_and_not_before(tiny_bundle):
    read = []

    def reader(name):
        read.append(name)
        return (tiny_bundle / name).read_bytes()

    bundle = load(reader)
    assert read == ["model.json"]
    bundle.read("text.onnx")
    assert read == ["model.json", "text.onnx"]


@pytest.mark.parametrize("field", ["id", "dimension", "files", "self_test", "image_size"])
def test_a_manifest_without_a_field_names_it(field, tiny_bundle):
    manifest = json.loads((tiny_bundle / "model.json").read_text())
    del manifest[field]

    with pytest.raises(ValidationError, match=rf"missing required field `{field}`"):
        load(lambda _: json.dumps(manifest).encode())
