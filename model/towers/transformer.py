"""The blocks that both towers are made of: attention and a two-layer network, each after a norm.

The last block is computed for the pooled token only: nothing else of its output is read.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .architecture import Activation, Transformer
from .graph import EMBEDDING, MICROSOFT, Graph
from .linear import Linear, Precision
from .parameters import Parameters

Pool = Callable[[str], str]  # (n, t, width) → (n, 1, width)

_ACTIVATIONS: dict[Activation, tuple[str, dict[str, float]]] = {
    "quick_gelu": ("QuickGelu", {"alpha": 1.702}),
    "gelu": ("Gelu", {}),
    "gelu_tanh": ("FastGelu", {}),
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
    causal: bool = False

    def pooled(self, x: str, pool: Pool, mask: str = "") -> str:
        """Run x (n, t, width) through all blocks → the pooled token (n, 1, width).

        `mask` (n, 1, 1, t) is added to the last block's attention scores: what a causal mask would
        be for the pooled token alone.
        """
        *blocks, last = (f"{self.tower}.encoder.layers.{i}" for i in range(self.shape.layers))
        for block in blocks:
            normed = self.norm(x, f"{block}.layer_norm1")
            x = self._rest(x, self._attention(normed, f"{block}.self_attn"), block)
        normed = self.norm(x, f"{last}.layer_norm1")
        attended = self._pooled_attention(normed, pool, f"{last}.self_attn", mask)
        return self._rest(pool(x), attended, last)

    def norm(self, x: str, name: str) -> str:
        """Add a layer norm over the last axis."""
        values = [self.graph.constant(self.parameters[f"{name}.{n}"]) for n in ("weight", "bias")]
        return self.graph.node(
            "LayerNormalization", [x, *values], axis=-1, epsilon=self.shape.epsilon
        )

    def linear(self, x: str, name: str, *packed: str) -> str:
        """Add one linear layer, or several packed ones, in the tower's precision."""
        return self.precision.linear(self.graph, x, Linear.read(self.parameters, name, *packed))

    def _attention(self, x: str, name: str) -> str:
        packed = self.linear(x, name, "q_proj", "k_proj", "v_proj")
        heads = self.graph.nodes("Split", [packed], 3, axis=-1, num_outputs=3)
        return self._heads(heads, unidirectional=int(self.causal))

    def _pooled_attention(self, x: str, pool: Pool, name: str, mask: str) -> str:
        packed = self.linear(x, name, "k_proj", "v_proj")
        query = self.linear(pool(x), name, "q_proj")
        heads = [query, *self.graph.nodes("Split", [packed], 2, axis=-1, num_outputs=2)]
        return self._heads([*heads, "", "", mask] if mask else heads)

    def _heads(self, inputs: list[str], **attributes: int) -> str:
        return self.graph.node(
            "MultiHeadAttention", inputs, MICROSOFT, num_heads=self.shape.heads, **attributes
        )

    def _rest(self, x: str, attended: str, block: str) -> str:
        """Both residual sums of a block, and its network between them."""
        projected = self.linear(attended, f"{block}.self_attn.out_proj")
        x = self.graph.node("Add", [x, projected])
        hidden = self.linear(self.norm(x, f"{block}.layer_norm2"), f"{block}.mlp.fc1")
        operator, attributes = _ACTIVATIONS[self.shape.activation]
        active = self.graph.node(operator, [hidden], MICROSOFT, **attributes)
        return self.graph.node("Add", [x, self.linear(active, f"{block}.mlp.fc2")])

    def embedding(self, x: str, norm: str, projection: str, dimension: int) -> None:
        """Turn the pooled token (n, 1, width) into the graph's output: unit rows (n, dimension)."""
        projected = self.linear(self.norm(x, norm), projection)
        flat = self.graph.node("Reshape", [projected, self.graph.integers(-1, dimension)])
        self.graph.node("LpNormalization", [flat], axis=-1, p=2)
        self.graph.proto.node[-1].output[0] = EMBEDDING
        self.graph.output(EMBEDDING, ["n", dimension])
