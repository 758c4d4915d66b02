"""What this processor's int8 instructions can do, and how much of it the vision tower gets.

The ceiling is a graph of nothing but the tower's matrix products, unsigned by signed 8 bits, each
with its own weights. It takes turns with the tower on every core, as the library runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnx import TensorProto

from bench.measure import Figure, in_turns, print_table
from model.clip.architecture import Architecture
from model.graph import MICROSOFT, Graph
from model.registry import entry

_BATCH = 4  # the library's
_ROUNDS = 40
# (rows, inputs) · (inputs, outputs) for one image.
_Product = tuple[int, int, int]


def share(vision: Path, cores: int) -> Figure:
    """The tower's share of the ceiling; prints GMAC/s of a core with all in use."""
    graphs = [
        {"ceiling": _runner(_graph()), "tower": _runner(vision.read_bytes())} for _ in range(cores)
    ]
    with ThreadPoolExecutor(cores) as pool:
        answers = list(pool.map(lambda runs: in_turns(runs, _ROUNDS), graphs))
    ceiling, tower = (
        Figure(_giga_macs(products), _giga_macs(products)).over(
            Figure.of(seconds for answer in answers for seconds in answer[name])
        )
        for name, products in (("ceiling", _products()), ("tower", _tower_products()))
    )
    head = ["int8 products alone", "vision tower", "share"]
    row = [f"{ceiling:.0f}", f"{tower:.0f}", f"{tower.over(ceiling):.0%}"]
    print_table("GMAC/s of a core", head, {f"{cores} at once": row})
    return tower.over(ceiling)


def _products() -> list[_Product]:
    """All products of the architecture: the patches, then each block's four for every token."""
    vision = _clip().vision
    patches = (vision.grid**2, 3 * vision.patch**2, vision.width)
    return [patches, *_block(vision.positions, vision.positions) * vision.layers]


def _tower_products() -> list[_Product]:
    """Those that the tower computes: the last block is for the class token alone."""
    clip = _clip()
    last = (*_block(clip.vision.positions, 1), (1, clip.vision.width, clip.dimension))
    return [*_products()[:-4], *last]


def _block(tokens: int, queries: int) -> list[_Product]:
    """Keys and values, then queries, the attention's output, and both layers of the perceptron."""
    width, mlp = _clip().vision.width, _clip().vision.mlp
    packed = [(tokens, width, 3 * width)]
    if queries != tokens:
        packed = [(tokens, width, 2 * width), (queries, width, width)]
    return [*packed, (queries, width, width), (queries, width, mlp), (queries, mlp, width)]


def _clip() -> Architecture:
    return entry("clip-vit-b32").architecture


def _giga_macs(products: Sequence[_Product]) -> float:
    return _BATCH * sum(rows * inputs * outputs for rows, inputs, outputs in products) / 1e9


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


def _runner(model: bytes) -> Callable[[int], float]:
    """A function that runs a graph on new random numbers and returns the seconds of it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    shapes = {
        given.name: [size if isinstance(size, int) else _BATCH for size in given.shape]
        for given in session.get_inputs()
    }

    def run(number: int) -> float:
        rng = np.random.default_rng(number)
        feed = {name: rng.integers(0, 256, shape, np.uint8) for name, shape in shapes.items()}
        start = time.perf_counter()
        session.run(None, feed)
        return time.perf_counter() - start

    return run
