import io
import os
import pickle
import struct
import sys
from collections import OrderedDict
from types import ModuleType

import numpy as np
import pytest

from model.offline.torch_file import read_state_dict


class FloatStorage:
    """Stands for torch.FloatStorage: pickled by name, never created."""


def _rebuild_tensor_v2(*_):
    """Stands for torch._utils._rebuild_tensor_v2: pickled by name, never called."""


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


class Storage:
    """Pickles as a reference to numbers that follow the pickles."""

    def __init__(self, length):
        self.reference = ("storage", FloatStorage, "0", "cpu", length, None)


class TorchPickler(pickle.Pickler):
    def persistent_id(self, value):
        return value.reference if isinstance(value, Storage) else None


@pytest.fixture(autouse=True)
def torch_names(monkeypatch):
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    for module, value in ((torch, FloatStorage), (utils, _rebuild_tensor_v2)):
        setattr(module, value.__name__, value)
        monkeypatch.setattr(value, "__module__", module.__name__)
        monkeypatch.setitem(sys.modules, module.__name__, module)


def legacy_file(path, state, values):
    file = io.BytesIO()
    for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, state, ["0"]):
        TorchPickler(file, protocol=2).dump(part)
    path.write_bytes(file.getvalue() + struct.pack("<q", len(values)) + values.tobytes())
    return path


def tensor(length, offset, shape, strides):
    return Call(_rebuild_tensor_v2, Storage(length), offset, shape, strides, False, OrderedDict())


def test_a_tensor_is_read_with_its_offset_and_strides(tmp_path):
    values = np.arange(7, dtype=np.float32)
    state = OrderedDict(transposed=tensor(7, 1, (2, 3), (1, 2)))
    read = read_state_dict(legacy_file(tmp_path / "weights.pth", state, values))
    np.testing.assert_array_equal(read["transposed"], [[1, 3, 5], [2, 4, 6]])


def test_a_pickle_that_would_run_a_command_is_refused(tmp_path):
    marker = tmp_path / "ran"
    path = tmp_path / "weights.pth"
    path.write_bytes(pickle.dumps(Call(os.system, f"touch {marker}"), protocol=2))
    with pytest.raises(pickle.UnpicklingError, match=r"refused to load posix\.system"):
        read_state_dict(path)
    assert not marker.exists()


def test_a_command_hidden_in_the_state_dict_is_refused(tmp_path):
    state = OrderedDict(weight=Call(os.system, "true"))
    path = legacy_file(tmp_path / "weights.pth", state, np.zeros(1, np.float32))
    with pytest.raises(pickle.UnpicklingError, match="refused"):
        read_state_dict(path)
