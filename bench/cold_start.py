"""How long the built package takes from the start of its process to its first answer, by phase.

    python -m bench.cold_start [--bundle FOLDER] [--runs N]

The package is built as `sam build` does it for this machine's processor and runs under Lambda's own
runtime client, which talks to a Runtime API here; S3 and Secrets Manager are the emulator, Pinecone
is the local index, and the environment is what the template sets. Each figure is a fresh process
with warm file caches. The process has one processor, as 1,769 MB have on Lambda; the services have
the others.

`restored` is what a caller waits for with SnapStart, apart from the restore itself: from the hooks
after it to the answer. There is no snapshot here; the hooks run as they do on Lambda.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import boto3

from bench.package import PYTHON, Package, built
from bench.places import ROOT, SAMPLES
from bench.runtime_api import RuntimeApi, serving
from local.service import free_port
from local.stack import LocalStack, started

_PICTURE = SAMPLES / "landscapes" / "mountain-picos-de-europa.jpg"
_MEMORY = 1769
# What is watched, and the phase that its time counts for, less that of what it calls.
_PHASES = {
    "app.py:<module>": "imports",
    "wiring.py:bundle": "weights",
    "bundle.py:Bundle.read": "weights",
    "encoder.py:_session": "session",
    "encoder.py:_tokenizer": "tokenizer",
    "encoder.py:ImageEncoder.__init__": "self-test",
    "encoder.py:TextEncoder.__init__": "self-test",
    "wiring.py:vectors": "clients",
    "app.py:handler": "answer",
}
_COLUMNS = (
    *("interpreter", "runtime", "imports", "clients", "weights", "tokenizer", "session"),
    *("self-test", "answer", "total"),
)


class Span(NamedTuple):
    """One call of a watched function, in nanoseconds of the monotonic clock."""

    name: str
    main_thread: bool
    begin: int
    end: int


@dataclass
class Bench:
    """The built package beside a stack that it is no part of."""

    package: Package
    local: LocalStack
    folder: Path
    _keys: Iterator[int] = field(default_factory=lambda: iter(range(10**6)))

    def cold(self, function: str) -> dict[str, float]:
        """Milliseconds by phase of one cold start."""
        event = self._event(function)
        with serving() as api, self._process(function, api, {}) as begin:
            api.send(event)
            ready, answer = api.heard("next"), api.heard("response")
            _check(function, answer.body)
            phases = _phases(begin, list(self._spans()))
        phases["answer"] = _ms(answer.moment - ready.moment)
        return phases | {"total": _ms(answer.moment - begin)}

    def restored(self, function: str) -> dict[str, float]:
        """Milliseconds from the hooks after a restore to the first answer."""
        event = self._event(function)
        snap = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
        with serving() as api, self._process(function, api, snap):
            api.send(event)
            restored = api.heard("restore")
            api.heard("next")
            answer = api.heard("response")
            _check(function, answer.body)
        return {"restored": _ms(answer.moment - restored.moment)}

    @contextmanager
    def _process(
        self, function: str, api: RuntimeApi, more: Mapping[str, str]
    ) -> Iterator[int]:
        """A process of a function; yields when it began."""
        self._spans_file.unlink(missing_ok=True)
        command = [PYTHON, "-S", ROOT / "bench" / "spans.py", self._spans_file, *_PHASES]
        environment = self._environment(function) | {"AWS_LAMBDA_RUNTIME_API": api.address, **more}
        with (self.folder / "function.log").open("ab") as log:
            begin = time.monotonic_ns()
            process = subprocess.Popen(
                [str(word) for word in command], env=environment, stdout=log, stderr=log
            )
        _use_processors(process.pid, slice(1, 2))
        try:
            yield begin
        finally:
            process.kill()
            process.wait()

    def _environment(self, function: str) -> dict[str, str]:
        """What the template sets, and what Lambda does."""
        name = self.local.resource(f"{function.title()}Function")
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=name)
        return configuration["Environment"]["Variables"] | {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, self.package.path(function))),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.local.port}",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(_MEMORY),
            "AWS_XRAY_SDK_ENABLED": "false",
        }

    def _event(self, function: str) -> dict[str, Any]:
        return _search() if function == "search" else _upload(self._put())

    def _put(self) -> str:
        """Store a picture under a new key; the stack's own function learns nothing of it."""
        key = f"{next(self._keys)}.jpg"
        body = _PICTURE.read_bytes()
        boto3.client("s3").put_object(Bucket=self.local.images_bucket, Key=key, Body=body)
        return key

    @property
    def _spans_file(self) -> Path:
        return self.folder / "spans.jsonl"

    def _spans(self) -> Iterator[Span]:
        for line in self._spans_file.read_text().splitlines():
            yield Span(*json.loads(line))


def main() -> None:
    """Print the tables."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), options.bundle) as it:
        it.cold("index")  # that there is something to find, and files are in the cache
        cold: dict[str, list[dict[str, float]]] = defaultdict(list)
        restored: dict[str, list[dict[str, float]]] = defaultdict(list)
        for _ in range(options.runs):
            for function in ("search", "index"):
                cold[function].append(it.cold(function))
                restored[function].append(it.restored(function))
    print(f"\n{options.bundle.name}: ms, the least of {options.runs} and the median")
    _print(cold, _COLUMNS)
    print()
    _print(restored, ("restored",))


@contextmanager
def bench(folder: Path, bundle: Path) -> Iterator[Bench]:
    """The package and all that it needs, until the block ends."""
    package = built(_machine())
    _use_processors(0, slice(0, 1))
    with started(folder, bundle, free_port(), free_port(), lambda _: None) as local:
        boto3.client("s3").put_bucket_notification_configuration(
            Bucket=local.images_bucket, NotificationConfiguration={}
        )
        yield Bench(package, local, folder)
