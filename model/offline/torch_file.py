"""Reads a state dict saved by torch before 1.6, without torch and without running its pickles.

The format is five pickles in a row (magic number, protocol, system, state dict, storage keys)
followed by the raw numbers of each storage:
https://github.com/pytorch/pytorch/blob/v2.0.0/torch/serialization.py (`_legacy_save`).
A pickle may name any function to call, so only the four names a state dict needs are let in.
"""

import pickle  # only behind an unpickler that admits four names
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001

Shape: TypeAlias = tuple[int, ...]
View: TypeAlias = tuple[str, int, Shape, Shape]
"""A storage's key, and offset, shape and strides in it."""


class TorchFileError(ValueError):
    """The file is not a legacy state dict, or asks for something a state dict does not need."""


def _view(storage: str, offset: int, shape: Shape, strides: Shape, *_: object) -> View:
    return storage, offset, shape, strides


_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _view,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO, storages: dict[str, tuple[np.dtype[Any], int]]) -> None:
        super().__init__(file)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise TorchFileError(f"refused to load {module}.{name}") from None

    def persistent_load(self, reference: Any) -> str:
        _, dtype, key, _location, length, _view = reference
        self._storages[key] = dtype, length
        return str(key)


def read_state_dict(path: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a legacy torch file by name.

    Raises:
        TorchFileError: the file has another format or names anything but plain tensors.
    """
    with path.open("rb") as file:
        try:
            return _read(file)
        except (pickle.UnpicklingError, EOFError, LookupError, TypeError, ValueError) as error:
            if isinstance(error, TorchFileError):
                raise
            raise TorchFileError(f"{path.name} is not a legacy torch state dict") from error


def _read(file: BinaryIO) -> dict[str, NDArray[Any]]:
    storages: dict[str, tuple[np.dtype[Any], int]] = {}

    def load() -> Any:
        return _Unpickler(file, storages).load()

    if load() != MAGIC_NUMBER or load() != PROTOCOL_VERSION:
        raise TorchFileError("not a legacy torch file")
    load()  # sizes and byte order of the machine that wrote it; torch ignores them too
    views: dict[str, View] = load()
    values = {key: _numbers(file, *storages[key]) for key in load()}
    return {name: _tensor(values[view[0]], *view[1:]) for name, view in views.items()}


def _numbers(file: BinaryIO, dtype: np.dtype[Any], length: int) -> NDArray[Any]:
    """The next storage of a file: its length, then its values."""
    told = int.from_bytes(file.read(8), "little")
    data = file.read(length * dtype.itemsize)
    if told != length or len(data) != length * dtype.itemsize:
        raise TorchFileError(f"a storage of {length} numbers is cut short")
    return np.frombuffer(data, dtype)


def _tensor(values: NDArray[Any], offset: int, shape: Shape, strides: Shape) -> NDArray[Any]:
    """Offset and strides count numbers, not bytes."""
    positions = np.full((), offset)
    for size, stride in zip(shape, strides, strict=True):
        positions = positions[..., None] + np.arange(size) * stride
    tensor: NDArray[Any] = values[positions]  # indexing checks the bounds
    return tensor
