"""What every contender speaks: lines of JSON on its standard input and output.

It says `{}` once its model is loaded, then answers each request:

- `{"pictures": [path, …], "vectors": false}` → embeds them, and answers the vectors if asked to;
- `{"text": "…"}` → embeds one text and answers `seconds`.

Every line that it says, the first too, has `cpu`, the seconds of processor time that the process
has used so far, and `memory`, the most bytes that it has ever held. `protocol.mjs` is the same.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

_STATUS = Path("/proc/self/status")


class Contender(Protocol):
    """A loaded model."""

    def embed(self, pictures: Sequence[str]) -> list[list[float]]:
        """Embed the pictures at these paths."""

    def embed_text(self, text: str) -> object:
        """Embed one text; the text tower may be loaded by the first call."""


def serve(make: Callable[[Path, int], Contender]) -> None:
    """Load the contender from the command line's weights and threads, and answer requests."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    sys.stdout = sys.stderr  # a library that prints must not break the protocol
    contender = make(Path(sys.argv[1]), int(sys.argv[2]))
    _say(answers, {})
    for line in sys.stdin:
        _say(answers, _answer(contender, json.loads(line)))


def _answer(contender: Contender, request: dict[str, Any]) -> dict[str, Any]:
    if "text" in request:
        start = time.perf_counter()
        contender.embed_text(request["text"])
        return {"seconds": time.perf_counter() - start}
    vectors = contender.embed(request["pictures"])
    return {"vectors": vectors} if request.get("vectors") else {}


def _say(answers: Any, answer: dict[str, Any]) -> None:
    usage = {"cpu": time.process_time(), "memory": _peak_memory()}
    print(json.dumps(answer | usage), file=answers, flush=True)


def _peak_memory() -> int:
    """Bytes; where Linux says it, without what the parent held when it started this process."""
    if _STATUS.exists():
        line = next(x for x in _STATUS.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
