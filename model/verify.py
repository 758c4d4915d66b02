"""`make verify MODEL=clip-vit-b32`: what each precision does to a model, on its real weights.

It measures both towers in every precision against the limits that `make model` uses, on images,
crops and captions that no scale was taken from.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from .build import load
from .clip.precisions import PRECISIONS, PROCESSORS, candidates, runs_here
from .clip.tower import Tower
from .errors import ModelError
from .fidelity import LIMITS
from .registry import entry
from .trial import Trial

_OUT = Path("build/bundles")


def main() -> int:
    """Download the model, measure it, and print the verdicts; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m model.verify", description=__doc__)
    parser.add_argument("name", help="of the registry")
    say = partial(print, flush=True)
    try:
        trial = load(entry(parser.parse_args().name), _OUT, say)
        say(f"limits: {LIMITS}")
        for tower in trial.towers:
            for line in verdicts(trial, tower):
                say(line)
    except ModelError as error:
        print(f"make verify: {error}", file=sys.stderr)
        return 1
    return 0


def verdicts(trial: Trial, tower: Tower) -> Iterator[str]:
    """Yield a line for each precision when it is measured, then the choice for each processor."""
    passing = set()
    for precision in PRECISIONS:
        model, measured = trial.tried(tower, precision)
        if measured.passes:
            passing.add(precision)
        verdict = "passes" if measured.passes else "FAILS"
        if not runs_here(precision):
            verdict += ", measured as int8-reduced: this processor would saturate"
        megabytes = model.ByteSize() / 1e6
        yield f"{tower.name:5}  {precision:12}  {megabytes:4.0f} MB  {measured}  {verdict}"
    for processor in PROCESSORS:
        taken = next(name for name in candidates(processor) if name in passing)
        yield f"{tower.name:5}  for {processor} the build takes {taken}"


if __name__ == "__main__":
    sys.exit(main())
