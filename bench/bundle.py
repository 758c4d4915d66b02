"""This project's bundle of the weights that the other contenders read.

`python -m bench.bundle HUB_FOLDER BUNDLE_FOLDER`
"""

from __future__ import annotations

import sys
from pathlib import Path

from model.build import trial_of, write
from model.registry import entry


def main() -> None:
    """Build it in the precision that is measured: random weights are of no use to decide by."""
    hub, target = map(Path, sys.argv[1:])
    model = entry("clip-vit-b32")
    trial = trial_of(model, hub / "model.safetensors", hub / "tokenizer.json")
    chosen = [trial.asked_for(tower, "int8", print) for tower in trial.towers]
    described = {"processor": "x86-64-vnni", "recipe": "bench.bundle", "sources": []}
    write(target, model, trial, chosen, {"name": f"clip-vit-b32-{hub.name}", **described})


if __name__ == "__main__":
    main()
