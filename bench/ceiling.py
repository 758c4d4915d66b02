"""How much of what this processor's int8 instructions can do the vision tower gets.

The ceiling is a graph of nothing but the tower's matrix products, unsigned by signed 8 bits, each
with its own weights. It takes turns with the tower on every core, as the library runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnx import TensorProto

from bench.measure import Figure, in_turns
from model.graph import MICROSOFT, Graph
from model.registry import entry

_BATCH = 4  # the library's
_ROUNDS = 40
# (rows, inputs) · (inputs, outputs) for one image.
_Product = tuple[int, int, int]


def share(vision: Path, cores: int) -> Figure:
    """The tower's share of the ceiling, with all cores in use."""
    pairs = [
        {"ceiling": _runner(_graph()), "tower": _runner(vision.read_bytes())} for _ in range(cores)
    ]
    with ThreadPoolExecutor(cores) as pool:
        runs = list(pool.map(lambda pair: in_turns(pair, _ROUNDS), pairs))
    ceiling, tower = (
        Figure.of(seconds for run in runs for seconds in run[name]["run"]) for name in pairs[0]
    )
    return ceiling.over(tower)


def _products() -> list[_Product]:
    """The patches, then each block, of which the last is for the class token alone."""
    architecture = entry("clip-vit-b32").architecture
    vision, width = architecture.vision, architecture.vision.width

    def block(queries: int) -> list[_Product]:
        keys_and_values = (vision.positions, width, 2 * width)
        attention = [(queries, width, width)] * 2  # queries, and the output
        return [
            keys_and_values,
            *attention,
            (queries, width, vision.mlp),
            (queries, vision.mlp, width),
        ]

    patches = (vision.grid**2, 3 * vision.patch**2, width)
    blocks = block(vision.positions) * (vision.layers - 1) + block(1)
    return [patches, *blocks, (1, width, architecture.dimension)]


def _graph() -> bytes:
    """The products as a graph; one number of each result is read, so that none is left out."""
    rng, graph = np.random.default_rng(0), Graph("ceiling")
    given = {
        (rows, inputs): graph.input(f"x{rows}_{inputs}", TensorProto.UINT8, [_BATCH * rows, inputs])
        for rows, inputs in {product[:2] for product in _products()}
    }
    one, zero = graph.constant(np.float32(1)), graph.constant(np.uint8(0))
    first, end = graph.integers(0, 0), graph.integers(1, 1)
    read = []
    for rows, inputs, outputs in _products():
        weight = graph.constant(rng.integers(-127, 128, (inputs, outputs), np.int8))
        scale = graph.constant(rng.random(outputs, np.float32))
        operands = [given[rows, inputs], weight, one, scale, zero, "", scale]
        product = graph.node("MatMulIntegerToFloat", operands, MICROSOFT)
        read.append(graph.node("Slice", [product, first, end]))
    graph.embedding(graph.node("Concat", read, axis=1), len(read))
    return bytes(graph.model().SerializeToString())


def _runner(model: bytes) -> Callable[[int], dict[str, float]]:
    """A function that runs a graph on new random numbers and returns the seconds of it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    shapes = {
        given.name: [size if isinstance(size, int) else _BATCH for size in given.shape]
        for given in session.get_inputs()
    }

    def run(number: int) -> dict[str, float]:
        rng = np.random.default_rng(number)
        feed = {name: rng.integers(0, 256, shape, np.uint8) for name, shape in shapes.items()}
        start = time.perf_counter()
        session.run(None, feed)
        return {"run": time.perf_counter() - start}

    return run
