"""What every runtime's program speaks: lines of JSON on its standard input and output.

It writes a line once its model is loaded, then answers each request:

- `{"images": [path, …]}` → `vectors`;
- `{"text": "…"}` → `seconds` that the embedding of one text took.

Every line that it writes, the first too, has `cpu`, the seconds of processor time that the process
has used so far, and `memory`, the most bytes that it has ever held. `protocol.mjs` is the same.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

_STATUS = Path("/proc/self/status")


class Model(Protocol):
    """A loaded model."""

    def embed(self, paths: Sequence[str]) -> list[list[float]]:
        """Embed the images at these paths."""

    def embed_text(self, text: str) -> object:
        """Embed one text; the text tower may be loaded by the first call."""


def serve(load: Callable[[Path, int], Model]) -> None:
    """Load the model from the command line's weights and threads, and answer requests."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    sys.stdout = sys.stderr  # a library that prints must not break the protocol
    model = load(Path(sys.argv[1]), int(sys.argv[2]))
    _write(answers, {})
    for line in sys.stdin:
        _write(answers, _answer(model, json.loads(line)))


def _answer(model: Model, request: dict[str, Any]) -> dict[str, Any]:
    if "text" not in request:
        return {"vectors": model.embed(request["images"])}
    start = time.perf_counter()
    model.embed_text(request["text"])
    return {"seconds": time.perf_counter() - start}


def _write(answers: Any, answer: dict[str, Any]) -> None:
    usage = {"cpu": time.process_time(), "memory": _peak_memory()}
    print(json.dumps(answer | usage), file=answers, flush=True)


def _peak_memory() -> int:
    """Bytes, where Linux says it; unlike getrusage, without what the parent process held."""
    lines = _STATUS.read_text().splitlines() if _STATUS.exists() else []
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
