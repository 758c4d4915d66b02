"""Reads a state dict saved by torch before 1.6, without torch and without running its pickles.

The format is five pickles in a row (magic number, protocol, system, state dict, storage keys)
followed by the raw numbers of each storage:
https://github.com/pytorch/pytorch/blob/v2.0.0/torch/serialization.py (`_legacy_save`).
A pickle may name any function to call, so only the four names that a state dict needs are admitted.
"""

import pickle  # only behind an unpickler that admits four names
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


def _view(
    storage: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> Any:
    return storage, offset, shape, strides


_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _view,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO, dtypes: dict[str, np.dtype[Any]]) -> None:
        super().__init__(file)
        self._dtypes = dtypes

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"refused to load {module}.{name}")
        return _ALLOWED[module, name]

    def persistent_load(self, reference: Any) -> str:
        _, dtype, key, *_ = reference
        self._dtypes[key] = dtype
        return str(key)


def read_state_dict(path: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a legacy torch file by name.

    Raises:
        pickle.UnpicklingError: the file names anything but plain tensors, or has another format.
    """
    dtypes: dict[str, np.dtype[Any]] = {}
    with path.open("rb") as file:
        *_, views, keys = (_Unpickler(file, dtypes).load() for _ in range(5))
        values = {key: _numbers(file, dtypes[key]) for key in keys}
    return {name: _tensor(values[key], *view) for name, (key, *view) in views.items()}


def _numbers(file: BinaryIO, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The next storage of a file: its length, then its values."""
    length = int.from_bytes(file.read(8), "little")
    return np.frombuffer(file.read(length * dtype.itemsize), dtype)


def _tensor(
    values: NDArray[Any], offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> NDArray[Any]:
    """Offset and strides count numbers, not bytes."""
    positions = np.full((), offset)
    for size, stride in zip(shape, strides, strict=True):
        positions = positions[..., None] + np.arange(size) * stride
    tensor: NDArray[Any] = values[positions]  # indexing checks the bounds
    return tensor
