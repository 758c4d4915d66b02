"""Splits an ONNX file into its graph and its weights, without copying the weights.

onnxruntime copies weights that are inside the graph once more than weights of an external file,
which may be in memory: for CLIP's towers that is a third of the time to create a session. The file
itself serves as that external file, and the graph contains the offset of each weight in it.

Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, and the encoding:
https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator

# The name under which the graph refers to the file.
LOCATION = "weights"
# Smaller weights stay in the graph, where onnxruntime reads shapes and constants from them.
_LEAST_BYTES = 4096
_MODEL_GRAPH, _GRAPH_INITIALIZER, _TENSOR_RAW_DATA = 7, 5, 9
_TENSOR_EXTERNAL_DATA, _TENSOR_DATA_LOCATION = 13, 14
_EXTERNAL = b"\x01"
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def graph_of(model: bytes) -> bytes:
    """The graph of an ONNX model, whose large weights are external data in `model` itself."""
    return _replaced(model, 0, len(model), [_MODEL_GRAPH, _GRAPH_INITIALIZER])


def _replaced(data: bytes, start: int, end: int, path: list[int]) -> bytes:
    """A message in which every submessage that the path leads to is an external tensor."""
    if not path:
        return _external(data, start, end)
    parts = []
    for number, begin, value, after in _fields(data, start, end):
        if number == path[0]:
            parts.append(_field(number, _replaced(data, value, after, path[1:])))
        else:
            parts.append(data[begin:after])
    return b"".join(parts)


def _external(data: bytes, start: int, end: int) -> bytes:
    """A tensor whose raw data is replaced by the place of that data, if it is large."""
    parts = []
    for number, begin, value, after in _fields(data, start, end):
        if number != _TENSOR_RAW_DATA or after - value < _LEAST_BYTES:
            parts.append(data[begin:after])
            continue
        place = {"location": LOCATION, "offset": str(value), "length": str(after - value)}
        for key, text in place.items():
            entry = _field(_ENTRY_KEY, key.encode()) + _field(_ENTRY_VALUE, text.encode())
            parts.append(_field(_TENSOR_EXTERNAL_DATA, entry))
        parts.append(_written(_TENSOR_DATA_LOCATION << 3 | _VARINT) + _EXTERNAL)
    return b"".join(parts)


def _fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Number, begin, begin of the value, and end of each field of a message."""
    while start < end:
        begin = start
        tag, start = _read(data, start)
        size = {_FIXED64: 8, _FIXED32: 4}.get(tag & 7, 0)
        if tag & 7 == _BYTES:
            size, start = _read(data, start)
        value = start
        start = _read(data, start)[1] if tag & 7 == _VARINT else start + size
        yield tag >> 3, begin, value, start


def _field(number: int, value: bytes) -> bytes:
    return _written(number << 3 | _BYTES) + _written(len(value)) + value


def _read(data: bytes, start: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    number = shift = 0
    while data[start] & 0x80:
        number |= (data[start] & 0x7F) << shift
        start, shift = start + 1, shift + 7
    return number | data[start] << shift, start + 1


def _written(number: int) -> bytes:
    """A number of variable length."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])
