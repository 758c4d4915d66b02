"""What this processor's int8 instructions can do, and how much of it the encoder gets.

The ceiling is a graph of nothing but the vision tower's matrix products, unsigned by signed 8 bits,
each with its own weights. It runs in turns with the encoder in the same process, so that both meet
the same disturbances. GMAC/s are of the shortest of many runs; the share is also given as the
median over neighbouring runs. `python -m bench.ceiling VISION.onnx`
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from bench.install import environment

_MICROSOFT = "com.microsoft"
_SECONDS = 3.0  # of each measurement
_BATCHES = (4, 8)
_LAYERS, _TOKENS, _PATCHES, _WIDTH, _MLP, _PATCH_VALUES = 12, 50, 49, 768, 3072, 3072
_DIMENSION = 512


@dataclass(frozen=True)
class Product:
    """(rows, inputs) · (inputs, outputs) for one picture."""

    rows: int
    inputs: int
    outputs: int

    @property
    def macs(self) -> int:
        """Multiplications."""
        return self.rows * self.inputs * self.outputs


@dataclass(frozen=True)
class Layout:
    """How the cores are used."""

    name: str
    processes: int
    threads: int


@dataclass(frozen=True)
class Result:
    """GMAC/s of all processes together."""

    layout: Layout
    batch: int
    ceiling: float
    encoder: float
    median_share: float

    @property
    def share(self) -> float:
        """Of the ceiling that the encoder gets, with all that it does besides; shortest runs."""
        return self.encoder / self.ceiling


LAYOUTS = (
    Layout("1 core: 1 thread", 1, 1),
    Layout("2 cores: 2 threads", 1, 2),
    Layout("2 cores: 2 processes", 2, 1),
)


def measure(vision: Path) -> list[Result]:
    """Every layout with every batch."""
    return [_measure(vision, layout, batch) for layout in LAYOUTS for batch in _BATCHES]


def table(results: Iterable[Result]) -> Iterator[str]:
    """The lines to print."""
    heads = f"{'ceiling':>8} {'encoder':>8} {'share':>6} {'median':>6}"
    yield f"{'vision tower, GMAC/s':24} {'batch':>5} {heads}"
    for result in results:
        figures = f"{result.ceiling:8.0f} {result.encoder:8.0f} {result.share:6.0%}"
        figures += f" {result.median_share:6.0%}"
        yield f"{result.layout.name:24} {result.batch:5} {figures}"


def _measure(vision: Path, layout: Layout, batch: int) -> Result:
    probes = [_Probe(vision, batch, layout.threads) for _ in range(layout.processes)]
    for probe in probes:
        probe.wait()
    for probe in probes:
        probe.go()
    times = [probe.wait() for probe in probes]
    bare, encoder = batch * _macs(_products()) / 1e9, batch * _macs(_encoder_products()) / 1e9
    pairs = [pair for t in times for pair in zip(t["ceiling"], t["encoder"], strict=True)]
    return Result(
        layout,
        batch,
        ceiling=sum(bare / min(t["ceiling"]) for t in times),
        encoder=sum(encoder / min(t["encoder"]) for t in times),
        median_share=encoder / bare * statistics.median(c / e for c, e in pairs),
    )


class _Probe:
    """A process that measures both graphs in turns."""

    def __init__(self, vision: Path, batch: int, threads: int) -> None:
        command = [sys.executable, "-m", "bench.ceiling", str(vision), str(batch), str(threads)]
        pipe = subprocess.PIPE
        self._popen = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, text=True, env=environment()
        )

    def wait(self) -> dict[str, list[float]]:
        """Its next line: `{}` when it is ready, then the seconds of all runs."""
        return dict(json.loads(self._popen.stdout.readline() if self._popen.stdout else ""))

    def go(self) -> None:
        """Let it measure once, then end."""
        if self._popen.stdin:
            self._popen.stdin.close()


def _products() -> list[Product]:
    """The tower's linear layers, for all tokens."""
    block = [
        Product(_TOKENS, _WIDTH, 3 * _WIDTH),
        Product(_TOKENS, _WIDTH, _WIDTH),
        Product(_TOKENS, _WIDTH, _MLP),
        Product(_TOKENS, _MLP, _WIDTH),
    ]
    return [Product(_PATCHES, _PATCH_VALUES, _WIDTH), *block * _LAYERS]


def _encoder_products() -> list[Product]:
    """What is left of them when the last block is computed for the class token alone."""
    last = [
        Product(_TOKENS, _WIDTH, 2 * _WIDTH),
        Product(1, _WIDTH, _WIDTH),
        Product(1, _WIDTH, _WIDTH),
        Product(1, _WIDTH, _MLP),
        Product(1, _MLP, _WIDTH),
        Product(1, _WIDTH, _DIMENSION),
    ]
    return [*_products()[:-4], *last]


def _macs(products: Iterable[Product]) -> int:
    return sum(product.macs for product in products)


def _bare(batch: int) -> bytes:
    """The products as a graph; one number of each result is read, so that none is left out."""
    rng = np.random.default_rng(0)
    nodes, weights, inputs = [], [], {}
    for number, product in enumerate(_products()):
        shape = (batch * product.rows, product.inputs)
        given = "x{}_{}".format(*shape)
        inputs[given] = helper.make_tensor_value_info(given, TensorProto.UINT8, shape)
        matrix = rng.integers(-127, 128, (product.inputs, product.outputs), np.int8)
        scales = rng.random(product.outputs, np.float32)
        weights += [
            numpy_helper.from_array(matrix, f"w{number}"),
            numpy_helper.from_array(scales, f"s{number}"),
        ]
        operands = [given, f"w{number}", "one", f"s{number}", "zero", "", f"s{number}"]
        nodes += [
            helper.make_node("MatMulIntegerToFloat", operands, [f"y{number}"], domain=_MICROSOFT),
            helper.make_node("Slice", [f"y{number}", "from", "to"], [f"z{number}"]),
        ]
    read = [f"z{number}" for number in range(len(_products()))]
    nodes.append(helper.make_node("Concat", read, ["read"], axis=1))
    weights += [
        numpy_helper.from_array(np.array(1, np.float32), "one"),
        numpy_helper.from_array(np.array(0, np.uint8), "zero"),
        numpy_helper.from_array(np.array([0, 0]), "from"),
        numpy_helper.from_array(np.array([1, 1]), "to"),
    ]
    result = helper.make_tensor_value_info("read", TensorProto.FLOAT, [1, len(read)])
    graph = helper.make_graph(nodes, "ceiling", list(inputs.values()), [result], weights)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _probe(vision: Path, batch: int, threads: int) -> None:
    """Be a probe."""
    runs = {
        "ceiling": _runner(_bare(batch), batch, threads),
        "encoder": _runner(vision.read_bytes(), batch, threads),
    }
    for run in runs.values():
        run()
    print("{}", flush=True)
    sys.stdin.read()
    times: dict[str, list[float]] = {name: [] for name in runs}
    end = time.perf_counter() + _SECONDS
    while time.perf_counter() < end:
        for name, run in runs.items():
            times[name].append(run())
    print(json.dumps(times), flush=True)


def _runner(model: bytes, batch: int, threads: int) -> Callable[[], float]:
    """A function that runs a graph on random numbers and returns the seconds that it took."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    feed = {
        given.name: rng.integers(0, 256, [batch, *given.shape[1:]], np.uint8)
        if given.name == "pixels"
        else rng.integers(0, 256, given.shape, np.uint8)
        for given in session.get_inputs()
    }

    def run() -> float:
        start = time.perf_counter()
        session.run(None, feed)
        return time.perf_counter() - start

    return run


def main() -> None:
    """Print the table, or be a probe."""
    vision, *probe = sys.argv[1:]
    if probe:
        _probe(Path(vision), *map(int, probe))
    else:
        print("\n".join(table(measure(Path(vision)))))


if __name__ == "__main__":
    main()
