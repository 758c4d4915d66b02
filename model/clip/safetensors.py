"""Reads safetensors files: a JSON header, then the raw numbers of every tensor.

https://github.com/huggingface/safetensors#format
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError

_HEADER_LENGTH = 8  # bytes of the little-endian number in front of the header
_LARGEST_HEADER = 100_000_000  # the format's own limit
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1"}


def read_safetensors(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a file by name, mapped into memory and not read before they are used.

    Raises:
        ModelError: the file is cut short, damaged, or has numbers of another type.
    """
    try:
        header, start = _header(path)
        data = np.memmap(path, np.uint8, "r", offset=start)
        return {name: _tensor(data, entry) for name, entry in header.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is not a safetensors file that can be read: {error}") from error


def _header(path: Path) -> tuple[dict[str, Any], int]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_HEADER_LENGTH), "little")
        if length > _LARGEST_HEADER:
            raise ValueError(f"its header has {length} bytes")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return header, _HEADER_LENGTH + length


def _tensor(data: NDArray[np.uint8], entry: dict[str, Any]) -> NDArray[Any]:
    start, end = entry["data_offsets"]
    return data[start:end].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
