"""The bundle's files come while a process imports the rest."""

import pytest
from botocore.exceptions import ClientError

from image_search import downloads, s3
from image_search.downloads import fetch, take


@pytest.fixture
def model_bucket(new_bucket, monkeypatch):
    for name in ("IMAGES", "THUMBNAILS", "MODEL"):
        monkeypatch.setenv(f"{name}_BUCKET", "model")
    for name in ("INDEX_HOST", "PINECONE_SECRET"):
        monkeypatch.setenv(name, "any")
    monkeypatch.setenv("BUNDLE", "tiny")
    bucket = new_bucket("model")
    bucket.write("tiny/text.onnx", b"weights", "any")
    yield bucket
    downloads._coming.clear()


def test_a_file_is_on_its_way_before_it_is_needed(model_bucket):
    fetch("text.onnx")
    downloads._coming["text.onnx"].result()
    model_bucket.delete(["tiny/text.onnx"])

    assert take("text.onnx") == b"weights"


def test_a_file_that_was_taken_is_not_kept(model_bucket):
    fetch("text.onnx")
    take("text.onnx")
    model_bucket.write("tiny/text.onnx", b"others", "any")

    assert take("text.onnx") == b"others"


def test_a_file_that_nobody_asked_for_is_read_when_it_is_needed(model_bucket):
    assert take("text.onnx") == b"weights"


def test_a_file_that_does_not_come_fails_where_it_is_needed(model_bucket):
    fetch("vision.onnx", "text.onnx")

    assert take("text.onnx") == b"weights"
    with pytest.raises(ClientError, match="404"):
        take("vision.onnx")


@pytest.mark.parametrize("size", [0, 1, 4, 5, 6, 10, 11])
def test_a_large_file_comes_whole_though_in_parts(size, model_bucket, monkeypatch):
    monkeypatch.setattr(s3, "_PART_BYTES", 5)
    data = bytes(range(size))
    model_bucket.write("large", data, "any")

    assert model_bucket.read_key("large") == data
