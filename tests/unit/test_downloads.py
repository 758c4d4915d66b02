"""The bundle's files are downloaded while a process imports the rest."""

from io import BytesIO

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from image_search import s3_parts
from image_search.downloads import Downloads
from tests.unit.settings import settings

SETTINGS = settings(bundle="tiny")


@pytest.fixture
def model_bucket(new_bucket):
    bucket = new_bucket("model")
    bucket.write("tiny/text.onnx", b"weights", "any")
    return bucket


def test_a_file_is_on_its_way_before_it_is_needed(model_bucket):
    model_bucket.write("tiny/last", b"", "any")
    downloads = Downloads(SETTINGS, "text.onnx", "last")
    downloads.take("last")
    model_bucket.delete(["tiny/text.onnx"])

    assert downloads.take("text.onnx") == b"weights"


def test_a_file_that_was_taken_is_not_kept(model_bucket):
    downloads = Downloads(SETTINGS, "text.onnx")
    downloads.take("text.onnx")
    model_bucket.write("tiny/text.onnx", b"others", "any")

    assert downloads.take("text.onnx") == b"others"


def test_a_file_that_was_not_requested_early_is_read_when_it_is_needed(model_bucket):
    assert Downloads(SETTINGS).take("text.onnx") == b"weights"


def test_a_file_that_does_not_come_fails_where_it_is_needed(model_bucket):
    downloads = Downloads(SETTINGS, "vision.onnx", "text.onnx")

    assert downloads.take("text.onnx") == b"weights"
    with pytest.raises(ClientError, match="404"):
        downloads.take("vision.onnx")


@pytest.mark.parametrize("size", [0, 1, 4, 5, 6, 10, 11, 12])
def test_a_large_file_comes_whole_though_in_parts_that_do_not_overlap(size, monkeypatch):
    monkeypatch.setattr(s3_parts, "_PART_BYTES", 5)
    data, asked = bytes(range(size)), []

    def part(name):
        first, last = map(int, name.removeprefix("bytes=").split("-"))
        asked.extend(range(first, min(last + 1, size)))
        return StreamingBody(BytesIO(data[first : last + 1]), None)

    assert s3_parts.read_parts(len(data), part) == data
    assert sorted(asked) == list(range(size))
