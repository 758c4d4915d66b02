"""A file of the hub is the one that the registry names, or an error that says what to do."""

import errno
import hashlib
from pathlib import Path

import pytest
from huggingface_hub import constants

from model import download
from model.download import DownloadError, HubUnreachableError, missing_bytes
from model.registry import HubFile

DATA = b"the model" * 1000


def hub_file(data=DATA):
    sha256 = hashlib.sha256(data).hexdigest()
    return HubFile(
        repository="somebody/model",
        revision="0" * 40,
        path="a.safetensors",
        sha256=sha256,
        size=len(data),
    )


@pytest.fixture
def local(hub):
    hub.has("somebody/model/resolve/" + "0" * 40 + "/a.safetensors", DATA)
    return hub


def test_a_file_is_downloaded_once(local):
    path = download.download(hub_file())

    assert path.read_bytes() == DATA
    assert download.download(hub_file()) == path
    assert len(local.asked) == 1


def test_a_download_that_broke_goes_on_where_it_stopped(local):
    local.breaks_after = 4000
    with pytest.raises(HubUnreachableError, match="what is downloaded is kept"):
        download.download(hub_file())
    assert missing_bytes([hub_file()]) == len(DATA) - 4000
    local.breaks_after = None

    path = download.download(hub_file())

    assert path.read_bytes() == DATA
    assert local.asked[-1]["Range"] == "bytes=4000-"


def test_a_file_in_the_hub_s_own_cache_is_taken_from_there(local, tmp_path, monkeypatch):
    cached = tmp_path / "blob"
    cached.write_bytes(DATA)
    monkeypatch.setattr(download, "try_to_load_from_cache", lambda *_, **__: str(cached))

    assert download.download(hub_file()) == cached
    assert missing_bytes([hub_file()]) == 0
    assert not local.asked


def test_a_wrong_file_in_that_cache_is_left_alone_and_downloaded(local, tmp_path, monkeypatch):
    cached = tmp_path / "blob"
    cached.write_bytes(b"another")
    monkeypatch.setattr(download, "try_to_load_from_cache", lambda *_, **__: str(cached))

    assert download.download(hub_file()).read_bytes() == DATA
    assert cached.read_bytes() == b"another"


def test_an_altered_file_is_deleted_and_reported_with_both_checksums(local):
    with pytest.raises(DownloadError, match=r"a\.safetensors gave 9,000 bytes with the SHA-256"):
        download.download(hub_file(b"another model"))

    assert not list(download.FOLDER.iterdir())


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (401, "export HF_TOKEN"),
        (403, "accept the model's terms"),
        (404, "a mirror that lacks it"),
        (429, "try again later"),
        (500, "try again later"),
    ],
)
def test_each_refusal_has_its_own_remedy(status, remedy, local):
    local.status = status

    with pytest.raises(DownloadError, match=f"answers {status} for .*{remedy}") as caught:
        download.download(hub_file())

    assert not isinstance(caught.value, HubUnreachableError)


def test_without_a_connection_the_hub_is_reported_as_unreachable(local, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")

    with pytest.raises(
        HubUnreachableError, match=r"cannot be downloaded from http://127\.0\.0\.1:9"
    ):
        download.download(hub_file())


def test_offline_no_request_is_sent(local, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    with pytest.raises(HubUnreachableError, match="HF_HUB_OFFLINE is set"):
        download.download(hub_file())

    assert not local.asked


def test_a_token_is_sent(local, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")

    download.download(hub_file())

    assert local.asked[0]["Authorization"] == "Bearer hf_secret"


def test_a_full_disk_is_reported_with_what_is_missing(local, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)

    with pytest.raises(DownloadError, match="is full, 0 MB are missing; free some space"):
        download.download(hub_file())
