"""How long the built package takes from the start of its process to its first answer.

    python -m bench.cold_start [--bundle FOLDER] [--rounds N] [--beside CHECKOUT]

The package is built as `sam build` does it and runs as the tests of the package run it. Each figure
is a fresh process with warm file caches. It has one processor, as 1,769 MB have on Lambda; the
services have the others. `--beside` measures another checkout's functions in the same rounds.

`initialised` is when the function asks for its first event. `processor` is the processor's time of
both, which a busy machine disturbs least. `restored` is what a caller waits for with SnapStart,
apart from the restore itself: from the hooks after it to the answer. There is no snapshot here; the
hooks run as they do on Lambda.
"""

from __future__ import annotations

import os

from bench.measure import arguments, in_turns, keep_to_processors, print_results
from deploy.stack import ROOT
from local.stack import BUNDLE
from tests.package.functions import functions


def main() -> None:
    """Print the table."""
    given = arguments("cold_start", bundle=BUNDLE, rounds=9, beside=ROOT)
    others = sorted(os.sched_getaffinity(0))[1:2] if hasattr(os, "sched_getaffinity") else []
    keep_to_processors(1)
    with functions(given.bundle, {ROOT, given.beside.resolve()}, others) as candidates:
        results = in_turns({name: one.measure for name, one in candidates.items()}, given.rounds)
    title = f"ms, best / median of {given.rounds} rounds in turns; bundle {given.bundle.name}"
    print_results(title, results)


if __name__ == "__main__":
    main()
