"""What a start of the functions is made of: `python -m bench.start [--bundle FOLDER]`.

Each round is a fresh interpreter that takes the steps of a start one after the other. A figure is
the processor's time in ms, which a busy machine disturbs less than the wall clock. Reading the
files over the network is left out. `python -X importtime` shows the imports one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.measure import ROOT, Figure, in_turns, table

_STEPS = """
import json, sys, time
from pathlib import Path

took, last = {}, 0.0
def done(step):
    global last
    now = time.process_time()
    took[step], last = (now - last) * 1000, time.process_time()

folder, tower = Path(sys.argv[1]), sys.argv[2]
done("Python")
import numpy
done("import numpy")
import pydantic
done("import pydantic")
import botocore.session, botocore.client
done("import botocore")
import pinecone._internal.adapters
done("import Pinecone's client")
import onnxruntime, tokenizers
done("import onnxruntime, tokenizers")
from image_search import encoder, s3, s3_connection, services
done("import the library, Pillow")
if tower == "text":
    import search_api.application
else:
    import index_function
done("import the handler, Powertools")
s3_connection.client()
done("S3 client")
from image_search.bundle import load_directory
bundle = load_directory(folder)
if tower == "text":
    encoder._tokenizer(bundle)
    done("tokenizer, manifest")
else:
    done("manifest")
data = bundle.read(tower + ".onnx")
done("read the tower's file, SHA-256")
encoder._session(data)
done("session")
print(json.dumps(took))
"""
_TOWERS = {"search": "text", "index": "vision"}
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # as the template sets it
    "PYTHONDONTWRITEBYTECODE": "",  # the deployed modules are compiled
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def main() -> None:
    """Print a table for each function."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--bundle", type=Path, default=ROOT / "build" / "bundles" / "offline")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    runs = {name: partial(_steps, options.bundle, tower) for name, tower in _TOWERS.items()}
    for name, rounds in in_turns(runs, options.rounds).items():
        steps = {step: [f"{Figure.of(one[step] for one in rounds):.0f}"] for step in rounds[0]}
        steps["together"] = [f"{Figure.of(sum(one.values()) for one in rounds):.0f}"]
        print(f"\n{name}, processor's ms, best / median of {options.rounds} rounds\n")
        print(table(["step", "ms"], steps))


def _steps(bundle: Path, tower: str, _round: int) -> dict[str, float]:
    command = [sys.executable, "-c", _STEPS, str(bundle.resolve()), tower]
    answer = subprocess.run(
        command, check=True, capture_output=True, env={**os.environ, **_ENVIRONMENT}
    )
    took: dict[str, float] = json.loads(answer.stdout)
    return took


if __name__ == "__main__":
    main()
