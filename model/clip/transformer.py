"""The blocks that both towers are made of: attention and a two-layer network, each after a norm.

Tokens are the first axis, (t, n, width), so that attention reads the heads where the linear layers
wrote them, and only its result is transposed. The last block is computed for the pooled token only:
nothing else of its output is read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..graph import MICROSOFT, Graph
from .architecture import Activation, Transformer
from .linear import Linear, Precision
from .parameters import Parameters

Pool = Callable[[str], str]  # (t, n, width) → (1, n, width)

# The operator, its attributes, and the factor by which its input is multiplied and its output is
# divided. Folded into the linear layers around it, QuickGelu's factor turns it into onnxruntime's
# faster SiLU: x · σ(1.702 x) = (1.702 x) · σ(1.702 x) / 1.702.
_ACTIVATIONS: dict[Activation, tuple[str, dict[str, Any], float]] = {
    "quick_gelu": ("QuickGelu", {"alpha": 1.0}, 1.702),
    "gelu": ("Gelu", {}, 1.0),
}


@dataclass(frozen=True)
class Encoder:
    """Adds one tower's blocks to a graph."""

    graph: Graph
    parameters: Parameters
    precision: Precision
    shape: Transformer
    tower: str
    """Prefix of its parameters: vision_model or text_model."""

    def pooled(self, x: str, pool: Pool, mask: str = "", pooled_mask: str = "") -> str:
        """Run x (t, n, width) through all blocks → the pooled token (1, n, width).

        Masks are added to attention scores: `mask` (t, t) in all blocks but the last, and there
        `pooled_mask` (n, 1, 1, t).
        """
        *blocks, last = (f"{self.tower}.encoder.layers.{i}" for i in range(self.shape.layers))
        for block in blocks:
            normed = self.norm(x, f"{block}.layer_norm1")
            heads = self._linears(normed, f"{block}.self_attn", "q_proj", "k_proj", "v_proj")
            x = self._rest(x, self._attention(heads, mask), block)
        normed = self.norm(x, f"{last}.layer_norm1")
        query = self._linears(pool(normed), f"{last}.self_attn", "q_proj")
        heads = query + self._linears(normed, f"{last}.self_attn", "k_proj", "v_proj")
        return self._rest(pool(x), self._attention(heads, pooled_mask), last)

    def norm(self, x: str, name: str) -> str:
        """Add a layer norm over the last axis."""
        values = [self.graph.constant(self.parameters[f"{name}.{n}"]) for n in ("weight", "bias")]
        return self.graph.node(
            "LayerNormalization", [x, *values], axis=-1, epsilon=self.shape.epsilon
        )

    def linear(self, x: str, name: str, before: float = 1.0, after: float = 1.0) -> str:
        """Add a linear layer, with factors for its input and its result."""
        layer = Linear.read(self.parameters, name).scaled(before, after)
        return self.precision.linears(self.graph, x, name, [layer])[0]

    def _linears(self, x: str, name: str, *parts: str) -> list[str]:
        layers = [Linear.read(self.parameters, f"{name}.{part}") for part in parts]
        return self.precision.linears(self.graph, x, name, layers)

    def _attention(self, heads: list[str], mask: str) -> str:
        """Query (s, n, width), key and value (t, n, width) → (s, n, width)."""
        graph, count, size = self.graph, self.shape.heads, self.shape.width // self.shape.heads
        split = graph.integers(0, 0, count, size)
        query, key, value = (graph.node("Reshape", [x, split]) for x in heads)
        flags = {"transBatchA": 1, "transBatchB": 1, "transB": 1, "alpha": size**-0.5}
        scores = graph.node("FusedMatMul", [query, key], MICROSOFT, **flags)  # (n, heads, s, t)
        if mask:
            scores = graph.node("Add", [scores, mask])
        shares = graph.node("Softmax", [scores], axis=-1)
        mixed = graph.node("FusedMatMul", [shares, value], MICROSOFT, transBatchB=1)
        tokens_first = graph.node("Transpose", [mixed], perm=[2, 0, 1, 3])
        return graph.node("Reshape", [tokens_first, graph.integers(0, 0, self.shape.width)])

    def _rest(self, x: str, attended: str, block: str) -> str:
        """Both residual sums of a block, and its network between them."""
        operator, attributes, factor = _ACTIVATIONS[self.shape.activation]
        x = self.graph.node("Add", [x, self.linear(attended, f"{block}.self_attn.out_proj")])
        normed = self.norm(x, f"{block}.layer_norm2")
        hidden = self.linear(normed, f"{block}.mlp.fc1", after=factor)
        active = self.graph.node(operator, [hidden], MICROSOFT, **attributes)
        return self.graph.node(
            "Add", [x, self.linear(active, f"{block}.mlp.fc2", before=1 / factor)]
        )

    def embedding(self, x: str, norm: str, projection: str, dimension: int) -> None:
        """Turn the pooled token (1, n, width) into the graph's output: unit rows (n, dimension)."""
        projected = self.linear(self.norm(x, norm), projection)
        flat = self.graph.node("Reshape", [projected, self.graph.integers(-1, dimension)])
        unit = self.graph.node("LpNormalization", [flat], axis=-1, p=2)
        self.graph.embedding(unit, dimension)
