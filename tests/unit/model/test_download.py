"""A file of the hub is the one that the registry names, or an error that says what to do."""

import hashlib

import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from model import download
from model.download import DownloadError
from model.registry import HubFile


def hub_file(data: bytes) -> HubFile:
    sha256 = hashlib.sha256(data).hexdigest()
    return HubFile(repository="somebody/model", revision="0" * 40, path="a.onnx", sha256=sha256)


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """What the hub's cache has of the file."""
    path = tmp_path / "a.onnx"
    path.write_bytes(b"the model")
    monkeypatch.setattr(download, "hf_hub_download", lambda *_, **__: str(path))
    return path


def test_a_file_with_its_checksum_is_used(cached):
    assert download.download(hub_file(b"the model")) == cached


def test_an_altered_file_is_refused_by_its_name(cached):
    with pytest.raises(DownloadError, match=r"a\.onnx has the SHA-256 .* delete it"):
        download.download(hub_file(b"another model"))


def test_without_the_hub_there_is_one_clear_sentence(monkeypatch):
    def unreachable(*_, **__):
        raise LocalEntryNotFoundError("no connection")

    monkeypatch.setattr(download, "hf_hub_download", unreachable)

    with pytest.raises(DownloadError, match=r"somebody/model/a\.onnx cannot be had"):
        download.download(hub_file(b"the model"))
