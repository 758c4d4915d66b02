"""How long each function takes to import, without the clients and the bundle that it loads.

Each figure is the wall clock of a fresh interpreter, its own start included, with warm .pyc files.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from deploy.stack import ROOT

_RUNS = 7
_SCRIPTS = {
    "(empty)": "",
    "index": "import image_search.downloads, image_search.snapstart, index_function",
    "search": "import image_search.downloads, image_search.snapstart, search_api.application",
    "setup": "import setup_function",
}


def main() -> None:
    """Print a table of milliseconds."""
    print(f"{'function':10} {'min':>6} {'median':>7}   ms, {_RUNS} runs each, interleaved")
    times: dict[str, list[float]] = {name: [] for name in _SCRIPTS}
    for _ in range(_RUNS + 1):
        for name, runs in times.items():
            runs.append(_import_ms(name))
    for name, (_warm_up, *runs) in times.items():
        print(f"{name:10} {min(runs):6.0f} {statistics.median(runs):7.0f}")


def _import_ms(function: str) -> float:
    library = ROOT / "layers" / "image_search" / "python"
    path = os.pathsep.join([str(library), str(ROOT / "functions" / function)])
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", _SCRIPTS[function]],
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
