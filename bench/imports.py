"""How long each function takes to import, without the bundle that it loads then.

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
_NO_DOWNLOADS = "downloads.fetch = lambda *_: None"
_FUNCTIONS = {
    "index": ("indexer",),
    "search": ("searcher", "gallery", "duplicate_finder", "text_encoder", "mapper"),
    "setup": (),
}


def main() -> None:
    """Print a table of milliseconds."""
    print(f"{'function':10} {'min':>6} {'median':>7}   ms, {_RUNS} runs each, interleaved")
    times: dict[str, list[float]] = {name: [] for name in ("(empty)", *_FUNCTIONS)}
    for _ in range(_RUNS + 1):
        for name, runs in times.items():
            runs.append(_import_ms(name))
    for name, (_warm_up, *runs) in times.items():
        print(f"{name:10} {min(runs):6.0f} {statistics.median(runs):7.0f}")


def _import_ms(function: str) -> float:
    loaded = _FUNCTIONS.get(function)
    code = "" if loaded is None else _script(loaded)
    library = ROOT / "layers" / "image_search" / "python"
    path = os.pathsep.join([str(library), str(ROOT / "functions" / function)])
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": path})
    return (time.perf_counter() - start) * 1000


def _script(loaded: tuple[str, ...]) -> str:
    """Import the handler's module with the loading of the bundle taken out."""
    if not loaded:
        return "import app"
    stubs = "; ".join(f"wiring.{name} = lambda: None" for name in loaded)
    return f"from image_search import downloads, wiring; {stubs}; {_NO_DOWNLOADS}; import app"


if __name__ == "__main__":
    main()
