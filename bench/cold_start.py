"""How long the built package takes from the start of its process to its first answer, by phase.

    python -m bench.cold_start [--bundle FOLDER] [--runs N]

The package is built as `sam build` does it for this machine's processor and runs under Lambda's own
runtime client, which talks to a Runtime API here; S3 and Secrets Manager are the emulator, Pinecone
is the local index, and the environment is what the template sets. Each figure is a fresh process
with warm file caches. The process has one processor, as 1,769 MB have on Lambda; the services have
the others.

`restored` is what a caller waits for with SnapStart, apart from the restore itself: from the hooks
after it to the answer. There is no snapshot here; the hooks run as they do on Lambda.

Medians of six in ms, on one processor of an x86-64 server (VNNI) whose other one ran the services;
CLIP ViT-B/32's int8 towers with random weights; before: packages as pip installs them, read in one
piece after the imports, the tokenizer within the self-test.

           interpreter runtime imports clients weights tokenizer session self-test answer total
    search          23      17     591       0      85        94     109         5     78  1027
    before          21      14    1078     236     274               134        79     15  1871
    index           21      15     526       0     378               180        22    153  1294
    before          23      12    1004     223     400               185        25    100  2025

`weights` is what is waited for after the imports; the emulator serves one part at a time. Restored,
the search function answers in 43 ms and the index function in 120.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path

from bench.harness import harness, keep_to
from bench.places import ROOT

_FUNCTIONS = ("search", "index")
_COLUMNS = (
    *("interpreter", "runtime", "imports", "clients", "weights", "tokenizer", "session"),
    *("self-test", "answer", "total", "processor", "restored"),
)


def main() -> None:
    """Print the table."""
    options = _options()
    figures: dict[str, list[dict[str, float]]] = defaultdict(list)
    keep_to(slice(0, 1))
    with tempfile.TemporaryDirectory() as folder, harness(Path(folder), options.bundle) as it:
        it.cold("index")  # something to find, and files in the system's cache
        for _ in range(options.runs):
            for name in _FUNCTIONS:
                figures[name].append(it.cold(name) | {"restored": it.restored(name)})
    print(f"bundle {options.bundle.name}: ms, least and median of {options.runs}")
    print(" " * 14 + "".join(f"{column:>12}" for column in _COLUMNS))
    for name, runs in figures.items():
        for statistic in (min, statistics.median):
            cells = (statistic([run[column] for run in runs]) for column in _COLUMNS)
            print(f"{name:7}{statistic.__name__:7}" + "".join(f"{cell:12.0f}" for cell in cells))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.cold_start", description="Cold starts by phase."
    )
    parser.add_argument("--bundle", type=Path, default=ROOT / "build" / "bundles" / "offline")
    parser.add_argument("--runs", type=int, default=9)
    return parser.parse_args()


if __name__ == "__main__":
    main()
