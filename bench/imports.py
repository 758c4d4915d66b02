"""How long the import statements of each function take: `python -m bench.imports`.

Each figure is the wall clock of a fresh interpreter, its own start included, with warm .pyc files.
What a function does besides importing, such as loading its model, is left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial

from bench.measure import LIBRARY, ROOT, Figure, in_turns, table

_ROUNDS = 7
_FUNCTIONS = ("index", "search", "setup")
# Runs the import statements of app.py, with all that they import in turn, and nothing else of it.
_IMPORTS = """
import ast
module = ast.parse(open("app.py").read())
module.body = [node for node in module.body if isinstance(node, ast.Import | ast.ImportFrom)]
exec(compile(module, "app.py", "exec"))
"""


def main() -> None:
    """Print a table of milliseconds."""
    runs = {name: partial(_milliseconds, name, _IMPORTS) for name in _FUNCTIONS}
    runs |= {"(nothing)": partial(_milliseconds, "index", "")}
    times = in_turns(runs, _ROUNDS)
    print(f"\nimports, ms, best / median of {_ROUNDS} rounds in turns\n")
    print(table(["function", "ms"], {name: [f"{Figure.of(ms):.0f}"] for name, ms in times.items()}))


def _milliseconds(function: str, script: str, _round: int) -> float:
    folder = ROOT / "functions" / function
    path = os.pathsep.join(map(str, [folder, LIBRARY]))
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
    )
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
