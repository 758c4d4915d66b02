"""Downloads files from the model hub by their checksums, and resumes after an interruption."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from huggingface_hub import constants, get_token, try_to_load_from_cache
from tqdm import tqdm

from .errors import ModelError
from .registry import HubFile

FOLDER = Path(__file__).parents[1] / "build" / "downloads"
_TIMEOUT_SECONDS = 30
_REMEDIES = {
    401: "it requires a token: export HF_TOKEN=…",
    403: "this token may not read it: accept the model's terms on its page, or export HF_TOKEN=…",
    404: "it has no such file: HF_ENDPOINT may name a mirror that lacks it",
    429: "it limits the rate of requests: try again later",
}


class DownloadError(ModelError):
    """A file could not be downloaded, or is not the one that the registry names."""


class HubUnreachableError(DownloadError):
    """The hub does not answer."""


def missing_bytes(files: list[HubFile]) -> int:
    """The number of bytes of these files that are still to be downloaded."""
    return sum(file.size - _size(_part(file)) for file in files if _present(file) is None)


def download(file: HubFile) -> Path:
    """Return the path of one file, which is downloaded if it is not on this machine.

    A file in the hub's own cache is taken from there. HF_ENDPOINT names a mirror, HF_TOKEN and
    HTTPS_PROXY are used, and HF_HUB_OFFLINE=1 sends no request.

    Raises:
        HubUnreachableError: the hub does not answer, or HF_HUB_OFFLINE is set.
        DownloadError: it refuses the file, the disk is full, or the file has another checksum.
    """
    if path := _present(file):
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _translated(file):
        _fetch(file, _part(file))
    return _checked(file, _part(file)).rename(FOLDER / file.sha256)


def _present(file: HubFile) -> Path | None:
    """The path of the file if it is on this machine, with the right checksum."""
    cached = try_to_load_from_cache(file.repository, file.path, revision=file.revision)
    for path in (FOLDER / file.sha256, Path(cached) if isinstance(cached, str) else None):
        if path and path.exists() and (path.parent == FOLDER or _sha256(path) == file.sha256):
            return path
    return None


def _fetch(file: HubFile, part: Path) -> None:
    """Append the rest of the file to its part."""
    if constants.HF_HUB_OFFLINE:
        raise HubUnreachableError(
            f"{_name(file)} is not on this machine, and HF_HUB_OFFLINE is set"
        )
    have = _size(part)
    token = get_token()
    headers = {"Range": f"bytes={have}-"} if have else {}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.stream(
        "GET", _url(file), headers=headers, timeout=_TIMEOUT_SECONDS, follow_redirects=True
    ) as answer:
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # all of it is there
        answer.raise_for_status()
        resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
        with part.open("ab" if resumed else "wb") as target, _bar(file, target.tell()) as bar:
            for chunk in answer.iter_bytes():
                target.write(chunk)
                bar.update(len(chunk))


def _bar(file: HubFile, have: int) -> tqdm:
    return tqdm(
        desc=file.path, total=file.size, initial=have, unit="B", unit_scale=True, disable=None
    )


@contextmanager
def _translated(file: HubFile) -> Iterator[None]:
    """Raise each failure as a DownloadError of one sentence."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        remedy = _REMEDIES.get(status, "try again later")
        raise DownloadError(f"the model hub answers {status} for {_url(file)}; {remedy}") from error
    except httpx.HTTPError as error:
        raise HubUnreachableError(
            f"{_name(file)} cannot be downloaded from {constants.ENDPOINT} "
            f"({type(error).__name__}); try again with a connection to it: what is downloaded is "
            "kept"
        ) from error
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise DownloadError(f"{FOLDER} cannot be written: {error.strerror}") from error
        raise DownloadError(
            f"the disk of {FOLDER} is full, {missing_bytes([file]) >> 20} MB are missing; free "
            "some space and try again: what is downloaded is kept"
        ) from error


def _checked(file: HubFile, part: Path) -> Path:
    got = _sha256(part)
    if got == file.sha256:
        return part
    size = _size(part)
    part.unlink()
    raise DownloadError(
        f"{_url(file)} gave {size:,} bytes with the SHA-256 {got}, the registry says "
        f"{file.size:,} and {file.sha256}; they are deleted: try again, or another HF_ENDPOINT"
    )


def _url(file: HubFile) -> str:
    return f"{constants.ENDPOINT}/{file.repository}/resolve/{file.revision}/{file.path}"


def _name(file: HubFile) -> str:
    return f"{file.repository}/{file.path}"


def _part(file: HubFile) -> Path:
    return FOLDER / f"{file.sha256}.part"


def _size(path: Path) -> int:
    return os.path.getsize(path) if path.exists() else 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
