"""Reads a state dict saved by torch before 1.6, without torch and without running its pickles.

The format is five pickles in a row (magic number, protocol, system, state dict, storage keys)
followed by the raw numbers of each storage:
https://github.com/pytorch/pytorch/blob/v2.0.0/torch/serialization.py (`_legacy_save`).
A pickle may name any function to call, so only the four names a state dict needs are let in.
"""

import pickle  # only behind an unpickler that admits four names
import struct
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001


class TorchFileError(ValueError):
    """The file is not a legacy state dict, or asks for something a state dict does not need."""


@dataclass
class _Storage:
    """A flat run of numbers; the state dict names it before the file gives its values."""

    dtype: np.dtype[Any]
    length: int
    values: NDArray[Any] | None = None

    def read(self, file: BinaryIO) -> None:
        (length,) = struct.unpack("<q", file.read(8))
        data = file.read(self.length * self.dtype.itemsize)
        if length != self.length or len(data) != self.length * self.dtype.itemsize:
            raise TorchFileError(f"a storage of {self.length} numbers is cut short")
        self.values = np.frombuffer(data, self.dtype)


@dataclass(frozen=True)
class _Tensor:
    """A view of a storage; offset and strides count numbers, not bytes."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> NDArray[Any]:
        if self.storage.values is None:
            raise TorchFileError("a tensor has no storage")
        positions = np.full((), self.offset)
        for size, stride in zip(self.shape, self.strides, strict=True):
            positions = positions[..., None] + np.arange(size) * stride
        values: NDArray[Any] = self.storage.values[positions]  # indexing checks the bounds
        return values


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO, storages: dict[str, _Storage]) -> None:
        super().__init__(file)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise TorchFileError(f"refused to load {module}.{name}") from None

    def persistent_load(self, reference: Any) -> _Storage:
        _, dtype, key, _location, length, _view = reference
        return self._storages.setdefault(key, _Storage(dtype, length))


def read_state_dict(path: Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of a legacy torch file by name.

    Raises:
        TorchFileError: the file has another format or names anything but plain tensors.
    """
    with path.open("rb") as file:
        try:
            return _read(file)
        except (pickle.UnpicklingError, EOFError, struct.error, TypeError, IndexError) as error:
            raise TorchFileError(f"{path.name} is not a legacy torch state dict") from error


def _read(file: BinaryIO) -> dict[str, NDArray[Any]]:
    storages: dict[str, _Storage] = {}

    def load() -> Any:
        return _Unpickler(file, storages).load()

    if load() != MAGIC_NUMBER or load() != PROTOCOL_VERSION:
        raise TorchFileError("not a legacy torch file")
    load()  # sizes and byte order of the machine that wrote it; torch ignores them too
    tensors: dict[str, _Tensor] = load()
    for key in load():
        storages[key].read(file)
    return {name: tensor.array() for name, tensor in tensors.items()}
