"""A fresh process that loads one tower and embeds once: `python -m model.towers.footprint MODEL`.

Prints JSON: milliseconds to load, and the process's peak of resident memory in MB.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort

_TEXT_TOKENS = 16


@dataclass(frozen=True)
class Footprint:
    """What a tower costs before its first answer."""

    load_ms: float
    peak_mb: float


def footprint(model: Path, processes: int = 3) -> Footprint:
    """The least of several fresh processes."""
    command = [sys.executable, "-m", "model.towers.footprint", str(model)]
    answers = [
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for _ in range(processes)
    ]
    return Footprint(*(min(answer[name] for answer in answers) for name in ("load_ms", "peak_mb")))


def session(model: str | bytes, threads: int) -> ort.InferenceSession:
    """A session as the encoder makes it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def main() -> None:
    """Load, embed, print."""
    start = time.perf_counter()
    tower = session(sys.argv[1], threads=1)
    load_ms = (time.perf_counter() - start) * 1000
    (value,) = tower.get_inputs()
    if value.name == "pixels":
        tower.run(None, {"pixels": np.zeros((1, *value.shape[1:]), np.uint8)})
    else:
        tower.run(None, {"input_ids": np.ones((1, _TEXT_TOKENS), np.int64)})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000  # kB on Linux
    print(json.dumps(Footprint(load_ms, peak).__dict__))


if __name__ == "__main__":
    main()
