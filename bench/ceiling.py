"""What this processor's int8 instructions can do, and how much of it the vision tower gets.

    python -m bench.ceiling [VISION.onnx]

The ceiling is a graph of nothing but the tower's matrix products, unsigned by signed 8 bits, each
with its own weights. It takes turns with the tower in one process per core, as the library runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from bench.install import environment
from bench.measure import BUILD, Figure, in_turns, table

_MICROSOFT = "com.microsoft"
VISION = BUILD / "bundles" / "random" / "vision.onnx"
_BATCH = 4  # the library's
_ROUNDS = 40
# CLIP ViT-B/32: https://arxiv.org/abs/2103.00020
_LAYERS, _TOKENS, _PATCHES, _WIDTH, _MLP, _PATCH_VALUES = 12, 50, 49, 768, 3072, 3072
_DIMENSION = 512


class Product(NamedTuple):
    """(rows, inputs) · (inputs, outputs) for one image."""

    rows: int
    inputs: int
    outputs: int


_BLOCK = (
    Product(_TOKENS, _WIDTH, 3 * _WIDTH),
    Product(_TOKENS, _WIDTH, _WIDTH),
    Product(_TOKENS, _WIDTH, _MLP),
    Product(_TOKENS, _MLP, _WIDTH),
)
_PRODUCTS = (Product(_PATCHES, _PATCH_VALUES, _WIDTH), *_BLOCK * _LAYERS)
# The tower computes its last block for the class token alone.
_TOWER_PRODUCTS = (
    *_PRODUCTS[: -len(_BLOCK)],
    Product(_TOKENS, _WIDTH, 2 * _WIDTH),
    Product(1, _WIDTH, _WIDTH),
    Product(1, _WIDTH, _WIDTH),
    Product(1, _WIDTH, _MLP),
    Product(1, _MLP, _WIDTH),
    Product(1, _WIDTH, _DIMENSION),
)


def shares(vision: Path, processes: int) -> dict[str, Figure]:
    """GMAC/s of a process of so many at once, and the tower's share of the ceiling."""
    command = [sys.executable, "-m", "bench.ceiling", str(vision), "--probe"]
    pipe = subprocess.PIPE
    probes = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment())
        for _ in range(processes)
    ]
    for probe in probes:
        probe.stdout.readline()  # type: ignore[union-attr]
    for probe in probes:
        probe.stdin.close()  # type: ignore[union-attr]
    answers = [json.loads(probe.stdout.read()) for probe in probes]  # type: ignore[union-attr]
    seconds = {
        name: Figure.of(chain.from_iterable(one[name] for one in answers)) for name in answers[0]
    }
    ceiling = seconds["ceiling"].times(1e9 / _macs(_PRODUCTS)).rate()
    tower = seconds["tower"].times(1e9 / _macs(_TOWER_PRODUCTS)).rate()
    return {"ceiling": ceiling, "tower": tower, "share": tower.over(ceiling)}


def report(vision: Path, processors: int) -> tuple[str, Figure]:
    """The table, and the share with every processor in use."""
    rows, share = {}, Figure(0, 0)
    for processes in sorted({1, processors}):
        figures = shares(vision, processes)
        share = figures["share"]
        speeds = (f"{figures[name]:.0f}" for name in ("ceiling", "tower"))
        rows[f"{processes} at once"] = [*speeds, f"{share:.0%}"]
    head = ["GMAC/s of a process", "int8 products alone", "vision tower", "share"]
    return table(head, rows), share


def _macs(products: Sequence[Product]) -> int:
    return _BATCH * sum(one.rows * one.inputs * one.outputs for one in products)


def _graph() -> bytes:
    """The products as a graph; one number of each result is read, so that none is left out."""
    rng = np.random.default_rng(0)
    inputs = {f"x{p.rows}_{p.inputs}": (_BATCH * p.rows, p.inputs) for p in _PRODUCTS}
    constants = {"one": np.float32(1), "zero": np.uint8(0), "from": [0, 0], "to": [1, 1]}
    weights = [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()]
    nodes = []
    for n, product in enumerate(_PRODUCTS):
        matrix = rng.integers(-127, 128, (product.inputs, product.outputs), np.int8)
        scales = rng.random(product.outputs, np.float32)
        given, weight, scale = f"x{product.rows}_{product.inputs}", f"w{n}", f"s{n}"
        weights.append(numpy_helper.from_array(matrix, weight))
        weights.append(numpy_helper.from_array(scales, scale))
        operands = [given, weight, "one", scale, "zero", "", scale]
        nodes += [
            helper.make_node("MatMulIntegerToFloat", operands, [f"y{n}"], domain=_MICROSOFT),
            helper.make_node("Slice", [f"y{n}", "from", "to"], [f"z{n}"]),
        ]
    read = [f"z{n}" for n in range(len(_PRODUCTS))]
    nodes.append(helper.make_node("Concat", read, ["read"], axis=1))
    values = [
        helper.make_tensor_value_info(name, TensorProto.UINT8, shape)
        for name, shape in inputs.items()
    ]
    result = helper.make_tensor_value_info("read", TensorProto.FLOAT, [1, len(read)])
    graph = helper.make_graph(nodes, "ceiling", values, [result], weights)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_MICROSOFT, 1)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString())


def _probe(vision: Path) -> None:
    """Measure both graphs in turns when the input ends, and print the seconds of all runs."""
    runs = {"ceiling": _runner(_graph()), "tower": _runner(vision.read_bytes())}
    print("loaded", flush=True)
    sys.stdin.read()
    print(json.dumps(in_turns(runs, _ROUNDS)))


def _runner(model: bytes) -> Callable[[int], float]:
    """A function that runs a graph on new random numbers and returns the seconds of it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    shapes = {given.name: _shape(given.shape) for given in session.get_inputs()}

    def run(number: int) -> float:
        rng = np.random.default_rng(number)
        feed = {name: rng.integers(0, 256, shape, np.uint8) for name, shape in shapes.items()}
        start = time.perf_counter()
        session.run(None, feed)
        return time.perf_counter() - start

    return run


def _shape(shape: Sequence[int | str]) -> list[int]:
    """The shape of an input, of which only the batch may be open."""
    return [size if isinstance(size, int) else _BATCH for size in shape]


def main() -> None:
    """Print the table, or be a probe."""
    vision = Path(sys.argv[1]) if len(sys.argv) > 1 else VISION
    if "--probe" in sys.argv:
        _probe(vision)
    else:
        print(report(vision, 2)[0])


if __name__ == "__main__":
    main()
