"""Files from the model hub: resumed after a break, kept in its cache, checked."""

from __future__ import annotations

import hashlib
from pathlib import Path

from huggingface_hub import hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
from huggingface_hub.utils import logging

from .registry import HubFile


class DownloadError(Exception):
    """A file could not be had, or is not the one that the registry names."""


def download(file: HubFile) -> Path:
    """The path of one file in the hub's cache, downloaded if it is not there.

    Raises:
        DownloadError: the hub cannot be reached, or the file has another checksum.
    """
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]  # it announces each retry twice
    try:
        path = Path(hf_hub_download(file.repository, file.path, revision=file.revision))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise DownloadError(
            f"{file.repository}/{file.path} cannot be had from the model hub "
            f"({type(error).__name__}); try again with a connection to it"
        ) from error
    got = _sha256(path)
    if got != file.sha256:
        raise DownloadError(
            f"{path} has the SHA-256 {got}, the registry says "
            f"{file.sha256}; delete it and try again"
        )
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
