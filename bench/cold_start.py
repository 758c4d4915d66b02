"""How long the built package takes from the start of its process to its first answer.

    python -m bench.cold_start [--bundle FOLDER] [--rounds N] [--beside CHECKOUT]

The package is built as `sam build` does it for this machine's processor and runs under Lambda's own
runtime client, which talks to a Runtime API here; S3 and Secrets Manager are the emulator, Pinecone
is the local index, and the environment is what the template sets. Each figure is a fresh process
with warm file caches. The process has one processor, as 1,769 MB have on Lambda; the services have
the others. `--beside` measures the functions of another checkout in the same rounds.

`initialised` is when the function asks for its first event. `restored` is what a caller waits for
with SnapStart, apart from the restore itself: from the hooks after it to the answer. There is no
snapshot here; the hooks run as they do on Lambda.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any

import boto3

from bench.measure import ROOT, Figure, in_turns, keep_to_processors, table
from bench.package import PYTHON, Package, built, machine
from bench.pictures import KINDS, encoded, images
from bench.runtime_api import FunctionError, RuntimeApi, serving
from bench.stack import LocalStack, local_stack

_FUNCTIONS = ("search", "index")
_COLUMNS = ("initialised", "answer", "total", "processor", "restored")
_SNAP_START = {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}


def main() -> None:
    """Print the table."""
    options = _options()
    checkouts = [ROOT, *([options.beside.resolve()] if options.beside else [])]
    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    keep_to_processors(1)
    with functions(options.bundle, checkouts, processors[1:2]) as candidates:
        rows = in_turns({name: one.measure for name, one in candidates.items()}, options.rounds)
    print(
        f"\nms, best / median of {options.rounds} rounds in turns; bundle {options.bundle.name}\n"
    )
    print(table(["", *_COLUMNS], {name: _cells(runs) for name, runs in rows.items()}))


def _cells(runs: list[dict[str, float]]) -> list[str]:
    return [f"{Figure.of(run[column] for run in runs):.0f}" for column in _COLUMNS]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--bundle", type=Path, default=ROOT / "build" / "bundles" / "offline")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--beside", type=Path, help="another checkout of this project")
    return parser.parse_args()


@dataclass
class Function:
    """A function of a built package, beside a stack that it is no part of."""

    name: str
    package: Package
    local: LocalStack
    log: IO[bytes]
    processors: list[int]

    def measure(self, _round: int) -> dict[str, float]:
        """Milliseconds of one cold start and one restore."""
        return self.cold() | {"restored": self.restored()}

    def cold(self) -> dict[str, float]:
        """Milliseconds of one cold start."""
        before = _children_seconds()
        with self._started({}) as (api, begin):
            ready = api.wait_for("next").moment
            answered = self._answered(api)
        return {
            "initialised": (ready - begin) / 1e6,
            "answer": (answered - ready) / 1e6,
            "total": (answered - begin) / 1e6,
            "processor": (_children_seconds() - before) * 1000,
        }

    def restored(self) -> float:
        """Milliseconds from a restore to the first answer."""
        with self._started(_SNAP_START) as (api, _):
            restored = api.wait_for("restore").moment
            api.wait_for("next")
            return (self._answered(api) - restored) / 1e6

    @contextmanager
    def _started(self, more: Mapping[str, str]) -> Iterator[tuple[RuntimeApi, int]]:
        """A process that has an event to answer, and when it began."""
        command = [PYTHON, "-S", "-P", "-m", "awslambdaric", "app.handler"]
        with serving() as api:
            api.send(_search() if self.name == "search" else _upload(self._put()))
            environment = {**self._environment(), **more, "AWS_LAMBDA_RUNTIME_API": api.address}
            begin = time.monotonic_ns()
            process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)
            if self.processors:
                os.sched_setaffinity(process.pid, self.processors)
            try:
                yield api, begin
            finally:
                process.kill()
                process.wait()

    def _environment(self) -> dict[str, str]:
        """What the template sets, and what Lambda does."""
        name = self.local.function(f"{self.name.title()}Function")
        configuration = boto3.client("lambda").get_function_configuration(FunctionName=name)
        return {
            **configuration["Environment"]["Variables"],
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, self.package.path(self.name))),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.local.port}",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "PYTHONDONTWRITEBYTECODE": "1",  # there the folders cannot be written
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
        }

    def _put(self) -> str:
        """Store a photograph that was never there under a new key."""
        number = next(_numbers)
        bucket, body = self.local.images_bucket, encoded(next(images(KINDS[1], number)))
        boto3.client("s3").put_object(Bucket=bucket, Key=f"{number}.jpg", Body=body)
        return f"{number}.jpg"

    def _answered(self, api: RuntimeApi) -> int:
        """When the function answered its event as it should."""
        response = api.wait_for("response")
        answer = json.loads(response.body)
        found = self.name == "search" and json.loads(answer["body"]).get("matches")
        if not found and answer != {"batchItemFailures": []}:
            raise FunctionError(f"{self.name} answered {response.body.decode()}")
        return response.moment


_numbers = count()


@contextmanager
def functions(
    bundle: Path, checkouts: list[Path] | None = None, processors: list[int] | None = None
) -> Iterator[dict[str, Function]]:
    """The functions of each checkout by name, and all that they need, until the block ends."""
    packages = {path.name: built(machine(), path) for path in checkouts or [ROOT]}
    with tempfile.TemporaryFile() as log, local_stack(bundle) as local:
        boto3.client("s3").put_bucket_notification_configuration(  # the events are ours to send
            Bucket=local.images_bucket, NotificationConfiguration={}
        )
        made = {
            f"{name}, {checkout}" if len(packages) > 1 else name: Function(
                name, package, local, log, processors or []
            )
            for checkout, package in packages.items()
            for name in _FUNCTIONS
        }
        next(one for one in made.values() if one.name == "index").cold()  # something to find
        yield made


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _search() -> dict[str, Any]:
    """A request of the HTTP API."""
    return {
        "version": "2.0",
        "rawPath": "/api/search",
        "rawQueryString": "text=a+mountain",
        "queryStringParameters": {"text": "a mountain"},
        "headers": {},
        "requestContext": {"stage": "$default", "http": {"method": "GET", "path": "/api/search"}},
        "isBase64Encoded": False,
    }


def _upload(key: str) -> dict[str, Any]:
    """A message of the uploads queue."""
    body = {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": key}}}]}
    return {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(body)}]}


if __name__ == "__main__":
    main()
