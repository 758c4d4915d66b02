"""all-MiniLM-L6-v2 as a graph from token ids to sentence vectors.

The published graph takes a mask and segment ids and returns a vector per token. This one makes both
inside and averages the vectors, as the model card of sentence-transformers/all-MiniLM-L6-v2
describes. Its weights are stored as int8, but its arithmetic is float32 without any int8 kernel.
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from ..graph import EMBEDDING, Graph

WORD_TABLE = "inner.embeddings.word_embeddings.weight"  # (30522, 384), the largest tensor
WIDTH = 384  # numbers per sentence
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f]").search  # a letter that is not Latin
CONTEXT_LENGTH = 128  # tokens; the published tokenizer cuts there, special tokens included


def sentence_graph(path: Path) -> tuple[Graph, str]:
    """Return the graph and its result's name: input_ids int64 (n, t) → float32 (n, 384), unit."""
    graph = Graph(proto=onnx.load(path).graph)
    _rename(graph, EMBEDDING, "token.embedding")
    _scale_after_lookup(graph, WORD_TABLE)
    token_vectors = graph.proto.output.pop().name
    _make_inside(graph, {"attention_mask": 1, "token_type_ids": 0})
    mean = graph.node("ReduceMean", [token_vectors], axes=[1], keepdims=0)
    return graph, graph.unit(mean)


def _scale_after_lookup(graph: Graph, table: str) -> None:
    """Convert only the rows that a text needs from int8 to float32, not the whole table.

    The numbers stay the same; it saves 45 MB of memory and half of the time to load.
    """
    nodes = graph.proto.node
    lookup = next(node for node in nodes if node.op_type == "Gather" and table in node.input)
    for node in [n for n in nodes if n.output[0] in (table, f"{table}_f")]:
        nodes.remove(node)
    place = list(nodes).index(lookup)
    nodes.remove(lookup)
    for node in reversed(_rows(table, lookup.input[1], lookup.output[0])):
        nodes.insert(place, node)


def _rows(table: str, ids: str, result: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Gather", [f"{table}_q", ids], ["rows.int8"]),
        helper.make_node("Gather", [f"{table}_scale", ids], ["rows.scale"]),
        helper.make_node("Cast", ["rows.int8"], ["rows.float"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", ["rows.float", "rows.scale"], [result]),
    ]


def _rename(graph: Graph, old: str, new: str) -> None:
    """Free a name that the published graph uses for a value in its middle."""
    for node in graph.proto.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]


def _make_inside(graph: Graph, inputs: dict[str, int]) -> None:
    """Replace inputs of the graph by tensors like `input_ids` filled with one number."""
    proto = graph.proto
    for name in inputs:
        proto.input.remove(next(i for i in proto.input if i.name == name))
    nodes = [helper.make_node("Shape", ["input_ids"], ["input_ids.shape"])]
    nodes += [_filled("input_ids.shape", name, value) for name, value in inputs.items()]
    for node in reversed(nodes):
        proto.node.insert(0, node)


def _filled(shape: str, name: str, value: int) -> onnx.NodeProto:
    tensor = numpy_helper.from_array(np.array([value], np.int64))
    return helper.make_node("ConstantOfShape", [shape], [name], value=tensor)


def unpadded_tokenizer(published: str) -> str:
    """The tokenizer's JSON with truncation, without padding and without other scripts.

    Its tokens for some thousand letters of other scripts have hardly been seen by the English
    model. Without them, such words count as unknown.
    """
    document: dict[str, Any] = json.loads(published)
    vocabulary = document["model"]["vocab"]
    document["model"]["vocab"] = {t: n for t, n in vocabulary.items() if not _OTHER_SCRIPT(t)}
    document["padding"] = None
    document["truncation"]["max_length"] = CONTEXT_LENGTH
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def broken_share(graph: Graph, tokenizer: str) -> str:
    """The share of the tokens of `input_ids` (n, t) that are not whole words: (n, 1)."""
    model = json.loads(tokenizer)["model"]
    prefix, unknown = model["continuing_subword_prefix"], model["unk_token"]
    table = np.zeros(1 + max(model["vocab"].values()), np.float32)
    table[[n for t, n in model["vocab"].items() if t.startswith(prefix) or t == unknown]] = 1
    broken = graph.node("Gather", [graph.constant(table), "input_ids"])
    return graph.node("ReduceMean", [broken], axes=[1], keepdims=1)
