"""Parameters out of `.safetensors` checkpoints, without a package.

Eight bytes with the header's length, the header as JSON, then the tensors' bytes:
https://github.com/huggingface/safetensors#format
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from .architecture import Architecture
from .open_clip import from_open_clip
from .parameters import Array, checked

_OPEN_CLIP = "visual.conv1.weight"  # tells open_clip's names from transformers'
_DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}


def parameters_from_safetensors(path: Path, architecture: Architecture) -> dict[str, Array]:
    """Read a checkpoint of transformers' CLIPModel or of open_clip's CLIP.

    Raises:
        ParameterError: it is not of this architecture.
    """
    length = int(np.fromfile(path, "<u8", 1)[0])
    with path.open("rb") as file:
        header: dict[str, Any] = json.loads(file.read(8 + length)[8:])
    entries = {name: entry for name, entry in header.items() if entry.get("dtype") in _DTYPES}
    found = {name: _tensor(path, 8 + length, entry) for name, entry in entries.items()}
    return checked(from_open_clip(found) if _OPEN_CLIP in found else found, architecture)


def _tensor(path: Path, start: int, entry: dict[str, Any]) -> Array:
    first, end = entry["data_offsets"]
    dtype = _DTYPES[entry["dtype"]]
    values = np.fromfile(path, dtype, (end - first) // dtype.itemsize, offset=start + first)
    if entry["dtype"] == "BF16":  # the upper half of a float32
        values = (values.astype(np.uint32) << 16).view(np.float32)
    tensor: Array = values.reshape(entry["shape"]).astype(np.float32)
    return tensor
