"""This project's bundle of the weights that the other contenders read.

Runs in the benchmark's own environment: `python -m bench.bundle HUB_FOLDER BUNDLE_FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from model.bundling import trial_of, write
from model.clip.precisions import PrecisionName
from model.registry import entry

_MODEL = "clip-vit-b32"
# Random weights are of no use to decide by.
_PRECISION: PrecisionName = "int8"


def main() -> None:
    """Build it in the precision that is measured."""
    hub, target = map(Path, sys.argv[1:])
    model = entry(_MODEL)
    trial = trial_of(model, hub / "model.safetensors", hub / "tokenizer.json")
    chosen = [trial.asked_for(tower, _PRECISION, print) for tower in trial.towers]
    described = {
        "name": f"{_MODEL}-{hub.name}",
        "processor": "x86-64-vnni",
        "recipe": "bench.bundle",
        "sources": [],
    }
    write(target, model, trial, chosen, described)


if __name__ == "__main__":
    main()
