"""A fresh process that loads one tower and embeds once.

`python -m model.towers.footprint MODEL TOKENS`; TOKENS is the length of the text for a text tower.

Prints JSON: milliseconds to load, and the process's peak of resident memory in MB.
"""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort

_TEXT_TOKENS = 16


@dataclass(frozen=True)
class Footprint:
    """What a tower costs before its first answer."""

    load_ms: float
    peak_mb: float


def footprint(model: Path, tokens: int = _TEXT_TOKENS, processes: int = 3) -> Footprint:
    """The least of several fresh processes; a text tower is given that many tokens."""
    command = [sys.executable, "-m", "model.towers.footprint", str(model), str(tokens)]
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
        tower.run(None, {"input_ids": np.ones((1, int(sys.argv[2])), np.int64)})
    print(json.dumps(asdict(Footprint(load_ms, _peak_mb()))))


def _peak_mb() -> float:
    """From Linux; getrusage would count what the parent had when it started this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1000  # kB


if __name__ == "__main__":
    main()
