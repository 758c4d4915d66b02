"""What a start of the functions is made of: `python -m bench.start [--bundle FOLDER]`.

Each round is a fresh interpreter that takes the steps one after the other, in the processor's ms,
which a busy machine disturbs less than the wall clock. The files are read from the disk. Modules
are those of this environment; `python -X importtime` shows them one by one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.measure import Figure, arguments, in_turns, print_table
from local.stack import BUNDLE

_FIRST = {
    "Python": "import json, sys, time; from pathlib import Path; took, last = {}, 0.0",
    "import numpy": "import numpy",
    "import botocore": "import botocore.session, botocore.client",
    "import Pinecone's client, httpx": "import pinecone, pinecone.index, httpcore",
    "import onnxruntime, tokenizers": "import onnxruntime, tokenizers",
    "import the library, Pillow": "from image_search import bundle, encoder, services, aws",
}
_LAST = {
    "S3 client": "aws.client('s3')",
    "manifest": "loaded = bundle.load_directory(Path(sys.argv[1]))",
    "read the tower's file, SHA-256": "data = loaded.read(sys.argv[2])",
    "session": "encoder._session(data)",
}
_OF_FUNCTION = {
    "search": {
        "import the handler, Powertools, pydantic": "import search_api.application",
        **_LAST,
        "tokenizer": "encoder._tokenizer(loaded)",
    },
    "index": {"import the handler, Powertools": "import index_function", **_LAST},
}
_TOWERS = {"search": "text.onnx", "index": "vision.onnx"}
_DONE = "now = time.process_time(); took[{!r}], last = (now - last) * 1000, time.process_time()"
_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",  # as the template sets it
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def main() -> None:
    """Print a table for each function."""
    bundle = arguments("start", bundle=BUNDLE).bundle.resolve()
    runs = {name: partial(_steps, bundle, name) for name in _TOWERS}
    for name, rounds in in_turns(runs, 9).items():
        steps = {step: [f"{Figure.of(one[step] for one in rounds):.0f}"] for step in rounds[0]}
        steps["together"] = [f"{Figure.of(sum(one.values()) for one in rounds):.0f}"]
        print_table(f"{name}, best / median of 9 rounds", ["ms"], steps)


def _steps(bundle: Path, name: str, _round: int) -> dict[str, float]:
    # As the functions do; and what httpx would import with its command is not in the layer.
    lines = ["import gc, sys; gc.disable(); sys.modules.update(click=None, rich=None)"]
    for step, code in (_FIRST | _OF_FUNCTION[name]).items():
        lines += [code, _DONE.format(step)]
    program = "\n".join([*lines, "print(json.dumps(took))"])
    command = [sys.executable, "-c", program, str(bundle), _TOWERS[name]]
    environment = {**os.environ, **_ENVIRONMENT}
    answer = subprocess.run(command, check=True, capture_output=True, env=environment)
    took: dict[str, float] = json.loads(answer.stdout)
    return took


if __name__ == "__main__":
    main()
